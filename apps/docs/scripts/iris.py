"""The logistic regression of Fisher's irises by their petals, with scikit-learn in float64: the figures of test/examples.test.ts"""

import numpy as np
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

measured, species = load_iris(return_X_y=True)
petals = measured[:, 2:]
model = LogisticRegression(C=1.0, tol=1e-12, max_iter=10_000).fit(petals, species)
chances = model.predict_proba(petals)[np.arange(150), species]
print(model.coef_.tolist(), model.intercept_.tolist())
print("right:", model.score(petals, species) * 150)
print("loss:", -np.log(chances).sum() + 0.5 * (model.coef_**2).sum())
