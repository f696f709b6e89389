// What every Node driver is made of: named checks, run in order, one JSON line each.

export const baseURL = process.env.OPENAI_BASE_URL;
export const model = "gpt-4o";
export const bookQuestion = "How do I start the Quillon pump by hand?";
export const bookAnswer = "Turn the brass lever to the left. [1]";
export const noPassage = "Nobody gave me a passage.";
export const thought = "The passage says how.";
export const pictureQuestion = "What is in this picture?";
export const pictureAnswer = "A red square.";
export const picture = "data:image/png;base64,"
  + "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";
export const toolQuestion = "What does the gauge in Lahore read?";
export const twoToolsQuestion = "What do the gauges in Lahore and Karachi read?";
export const pumpQuestion = "Describe the Quillon pump.";
export const gauges = { Lahore: "2.4 bar", Karachi: "3.1 bar" };

// Runs one check; the function returns a detail to show.
export async function check(name, run) {
  let line;
  try {
    line = { check: name, ok: true, detail: (await run()) ?? "" };
  } catch (error) {
    const words = `${error?.name ?? "Error"}: ${error?.message ?? error}`.replace(/\s+/g, " ");
    line = { check: name, ok: false, detail: words.slice(0, 600) };
  }
  console.log(JSON.stringify(line));
}
