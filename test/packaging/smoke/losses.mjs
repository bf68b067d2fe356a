import * as all from "@flambeau/losses";

if (!all) throw new Error();
console.log("works");
