import type { View } from "@flambeau/tensor/plugin";

/** A view whose layout is set again for each call, so that a call makes no object. Only sizes and strides matter to a nest. */
export class Window implements View {
  readonly buffer = {};
  readonly dtype = "int32";
  readonly offset = 0;
  readonly shape: number[] = [];
  readonly strides: number[] = [];

  /** The strides of `view` in the shape of `like`. Along `dim` it stands still: an index moves it there. */
  still(view: View, like: View, dim: number): this {
    const { shape, strides } = this;
    const rank = like.shape.length;
    shape.length = strides.length = rank;
    for (let d = 0; d < rank; d++) {
      shape[d] = like.shape[d];
      strides[d] = d === dim ? 0 : view.strides[d];
    }
    return this;
  }
}
