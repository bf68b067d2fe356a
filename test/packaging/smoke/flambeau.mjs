import * as all from "flambeau";

if (!all) throw new Error();
console.log("works");
