/** Right calls of what the examples of the documentation do not call, or not with arguments. */
export const moreExamples: readonly string[] = [
  `const model = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU());
   model.to("float64");
   await model.toAsync("cpu");
   model.toEmpty({ device: "cpu" });
   model.train(true);
   model.requiresGrad_(true);
   model.loadStateDict(model.stateDict(), { strict: true });
   model.loadStateDict(Object.fromEntries(model.stateDict()));
   model.getSubmodule("0");
   model.getParameter("0.weight");
   model.apply((m) => m);
   [...model.namedModules({ prefix: "net" })];
   model.registerForwardHook((m, inputs, output) => output);
   model.registerForwardPreHook((m, inputs) => inputs);
   model.registerParameter("scale", new nn.Parameter(ones([1])));
   model.registerBuffer("mean", ones([1]), { persistent: false });
   model.registerModule("last", new nn.ReLU());
   model.append(new nn.ReLU());
   model.get(0);`,
  `const list = new nn.ModuleList([new nn.ReLU()]);
   list.append(new nn.ReLU());
   list.extend([new nn.ReLU()]);
   list.get(0);
   const dict = new nn.ModuleDict({ a: new nn.ReLU() });
   dict.set("b", new nn.ReLU());
   dict.has("b");
   const parameters = new nn.ParameterList([ones([2])]);
   parameters.append(new nn.Parameter(ones([2])));
   parameters.extend([ones([2])]);
   const named = new nn.ParameterDict({ a: ones([2]) });
   named.set("b", new nn.Parameter(ones([2])));
   named.has("b");`,
  `new nn.Identity().forward(ones([2]));
   new nn.Hardtanh(-1, 1);
   new nn.Hardshrink(0.5);
   new nn.Softshrink(0.5);
   new nn.Softplus(1, 20);
   new nn.GLU(-1);
   new nn.CosineSimilarity({ dim: 1 });
   new nn.PairwiseDistance({ p: 2 });
   new nn.Dropout1d(0.5);
   new nn.Dropout2d(0.5);
   new nn.Dropout3d(0.5);
   new nn.AlphaDropout(0.5);
   new nn.FeatureAlphaDropout(0.5);
   new nn.AdaptiveMaxPool1d(1).forwardWithIndices(ones([1, 4]));
   new nn.AdaptiveMaxPool2d(1).forwardWithIndices(ones([1, 4, 4]));
   new nn.AdaptiveMaxPool3d(1).forwardWithIndices(ones([1, 4, 4, 4]));
   new nn.FractionalMaxPool2d(2, { outputSize: 2 }).forwardWithIndices(ones([1, 5, 5]));
   new nn.FractionalMaxPool3d(2, { outputSize: 2 }).forwardWithIndices(ones([1, 5, 5, 5]));
   const x = ones([1, 3, 4]);
   new nn.GRU(4, 2).forward(x, ones([1, 3, 2]));
   new nn.RNN(4, 2).forward(x, ones([1, 3, 2]));
   new nn.LSTM(4, 2).forward(x, [ones([1, 3, 2]), ones([1, 3, 2])]);`,
  `const model = new nn.Linear(2, 1);
   for (const name of ["SGD", "Adam", "AdamW", "Adamax", "NAdam", "RAdam", "Adagrad", "Adadelta", "RMSprop", "Rprop", "ASGD", "Adafactor", "LBFGS"]) {
     const optimizer = new optim[name](model.parameters());
     const closure = () => { optimizer.zeroGrad(); const loss = model.forward(ones([1, 2])).sum(); loss.backward(); return loss; };
     optimizer.step(closure);
     optimizer.loadStateDict(optimizer.stateDict());
     if (name !== "LBFGS") optimizer.addParamGroup({ params: [new nn.Parameter(ones([1]))], lr: 0.1 });
     optimizer.zeroGrad({ setToNone: true });
   }`,
  `const optimizer = new optim.SGD([new nn.Parameter(ones([1]))], { lr: 0.1 });
   const s = optim.lrScheduler;
   optimizer.step();
   const made = [
     new s.StepLR(optimizer, 2),
     new s.CosineAnnealingWarmRestarts(optimizer, 2),
     new s.ReduceLROnPlateau(optimizer),
   ];
   for (const schedule of made) {
     schedule.step(...(schedule instanceof s.ReduceLROnPlateau ? [1] : []));
     schedule.loadStateDict(schedule.stateDict());
   }`,
  `setDefaultDevice("cpu");
   setDefaultDType("float32");
   backendOf("cpu");
   isFloat("float32");
   promoteTypes("float32", "int32");
   enableGrad(() => 1);
   keep(ones([1]));
   const g = new Generator(1);
   g.manualSeed(2);
   g.setState(g.getState());
   ones([1], { requiresGrad: true }).mul(2).registerHook((grad) => grad);
   ones([1], { requiresGrad: true }).sum().backward({ retainGraph: true });`,
];
