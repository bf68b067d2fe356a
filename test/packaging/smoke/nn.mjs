import * as all from "@flambeau/nn";

if (!all) throw new Error();
console.log("works");
