"""The peer: what one writes in an afternoon to serve a booster. FastAPI, uvicorn, `inplace_predict`, nothing else."""

import os

import numpy as np
import xgboost as xgb
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
booster = xgb.Booster(params={"nthread": 1})
booster.load_model(os.environ["BENCH_BOOSTER"])
names = os.environ["BENCH_FEATURES"].split(",")


class Asked(BaseModel):
    """Ready features, as our own endpoint takes them."""

    feature_schema: str
    rows: list[dict[str, float | None]]


@app.post("/score")
async def score(asked: Asked) -> list[list[float]]:
    """Give the booster's probabilities."""
    matrix = np.array([[row[name] for name in names] for row in asked.rows], dtype=np.float32)
    answer: list[list[float]] = booster.inplace_predict(matrix).tolist()
    return answer
