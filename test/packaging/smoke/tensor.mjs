import * as all from "@flambeau/tensor";

if (!all) throw new Error();
console.log("works");
