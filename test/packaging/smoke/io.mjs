import * as all from "@flambeau/io";

if (!all) throw new Error();
console.log("works");
