import type { data } from "flambeau";
import { drawGallery } from "./draw.ts";
import type { Training } from "./training.ts";

const looked = 200;
const shownRight = 5;
const shownWrong = 3;

/** Some test images as terminal lines, with truth and prediction: a few that were told right, a few that were not. */
export async function testGallery(
  training: Training,
  test: data.ImageDataset,
  screen: { readonly isTTY?: boolean; readonly columns?: number },
): Promise<string[]> {
  const indices = Array.from({ length: Math.min(looked, test.length) }, (_, i) => i);
  const predictions = await training.classify(indices);
  const right = indices.filter((i) => predictions[i] === test.label(i)).slice(0, shownRight);
  const wrong = indices.filter((i) => predictions[i] !== test.label(i)).slice(0, shownWrong);
  const items = [];
  for (const i of [...right, ...wrong]) {
    const [image, label] = test.get(i);
    const pixels = (await image.data()) as Float32Array; // images are float32
    image.dispose();
    label.dispose();
    const [truth, prediction] = [test.classes[test.label(i)], test.classes[predictions[i]]];
    const caption = [truth, truth === prediction ? "right" : `taken for ${prediction}`];
    items.push({ picture: { pixels, width: test.width, height: test.height }, caption });
  }
  const color = screen.isTTY === true && !process.env.NO_COLOR;
  return drawGallery(items, { columns: screen.columns ?? 100, color });
}
