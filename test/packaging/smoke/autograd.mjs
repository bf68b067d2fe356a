import * as all from "@flambeau/autograd";

if (!all) throw new Error();
console.log("works");
