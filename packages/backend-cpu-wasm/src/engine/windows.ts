/**
 * Windows of a kernel over 2-d planes, float32, and the planes of what each of them gives. Padding at the bottom and right follows
 * from the out sizes.
 */
export interface Windows {
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

/** Rows and columns of the padded plane that some rows and columns of windows reach over. */
export const rowsUnder = (s: Windows, outRows: number): number =>
  (outRows - 1) * s.strideY + (s.kernelHeight - 1) * s.dilationY + 1;
export const columnsUnder = (s: Windows, outColumns: number): number =>
  (outColumns - 1) * s.strideX + (s.kernelWidth - 1) * s.dilationX + 1;
