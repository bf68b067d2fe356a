/** The geometry of a 2-d convolution over NCHW, float32. Padding at the bottom and right follows from the out sizes. */
export interface Conv2dShape {
  images: number;
  /** Input channels and filters of all groups together. */
  channels: number;
  filters: number;
  groups: number;
  height: number;
  width: number;
  outHeight: number;
  outWidth: number;
  kernelHeight: number;
  kernelWidth: number;
  strideY: number;
  strideX: number;
  paddingTop: number;
  paddingLeft: number;
  dilationY: number;
  dilationX: number;
}
