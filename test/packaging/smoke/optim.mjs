import * as all from "@flambeau/optim";

if (!all) throw new Error();
console.log("works");
