import * as all from "@flambeau/data";

if (!all) throw new Error();
console.log("works");
