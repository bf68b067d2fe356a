import { tensor } from "flambeau";

const x = tensor([1, 2, 3], { requiresGrad: true });
x.square().sum().backward();
console.log(x.grad);
