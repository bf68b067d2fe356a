// Images: pixels, PNG and JPEG, folders, transforms: `import * as vision from "flambeau/vision"`.
export * from "@flambeau/vision";
