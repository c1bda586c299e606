"""How far a model can be trusted, for people: intervals, slices, plots, the model card and the page of figures."""
