import * as all from "@flambeau/backend-cpu-wasm";

if (!all) throw new Error();
console.log("works");
