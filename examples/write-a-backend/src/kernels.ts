// In a folder of one's own this is the template's file.
export * from "../../backend-template/src/kernels.ts";
