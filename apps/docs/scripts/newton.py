"""Newton's iterates on Rosenbrock's function from (-1.2, 1), with numpy in float64: the figures of test/examples.test.ts"""

import numpy as np

p = np.array([-1.2, 1.0])
for _ in range(8):
    print(p.tolist())
    u, v = p
    gradient = np.array([2 * (u - 1) - 400 * u * (v - u * u), 200 * (v - u * u)])
    hessian = np.array([[2 - 400 * v + 1200 * u * u, -400 * u], [-400 * u, 200]])
    p = p - np.linalg.solve(hessian, gradient)
