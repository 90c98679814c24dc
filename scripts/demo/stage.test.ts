import { expect, test } from "vitest";
import { Stage } from "./stage.ts";

test("a claim that is not so is shown with what was found, and counted", () => {
  let text = "";
  const stage = new Stage((more) => {
    text += more;
  }, false);
  stage.scene("A scene");
  stage.say("something happens");
  stage.check("the pair is there", [1, "a"], [1, "a"]);
  stage.check("the balance", 40, 60);
  expect(text).toBe(
    "\nA scene\n     something happens\n  ok the pair is there: [ 1, 'a' ]\n" +
      "  WRONG the balance: expected 60, found 40\n",
  );
  expect([stage.checks, stage.wrong]).toEqual([2, 1]);
});
