// Trains, shows how it goes, and keeps what was learnt.
import { io } from "flambeau";
import { chooseDevice } from "./device.ts";
import { train } from "./train.ts";

const device = await chooseDevice();
console.log(`Training on ${device}`);
const model = await train(device, { epochs: 5 }, ({ epoch, loss, accuracy }) => {
  console.log(`epoch ${epoch}: loss ${loss.toFixed(4)}, ${(100 * accuracy).toFixed(1)} % of the test digits`);
});
await io.save(model.stateDict(), "digits.safetensors");
console.log("The weights are in digits.safetensors");
