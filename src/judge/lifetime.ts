/**
 * Whether a lifetime was counted in the wrong unit. Pure.
 *
 * @module
 */

/** A site counts down while it answers, and rounds. */
const toleranceSeconds = 5;

/** Names the slip when one lifetime is the other in minutes; undefined when they are equal, or differ in any other way. */
export function unitSlip(advertisedSeconds: number, configuredSeconds: number): string | undefined {
  if (Math.abs(advertisedSeconds - configuredSeconds) <= toleranceSeconds) return undefined;
  if (isSixtyfold(advertisedSeconds, configuredSeconds)) {
    return `the token announces ${advertisedSeconds} s where ${configuredSeconds} s are configured, 60 times as many: a number of seconds was taken for minutes`;
  }
  if (isSixtyfold(configuredSeconds, advertisedSeconds)) {
    return `the token announces ${advertisedSeconds} s where ${configuredSeconds} s are configured, a sixtieth: a number of minutes was announced as seconds`;
  }
  return undefined;
}

/** Seconds that an announced number stands for where its unit is not published: minutes if it is a sixtieth of what is configured. */
export function readAsMinutes(advertised: number, configuredSeconds: number | undefined): number {
  if (configuredSeconds === undefined || Math.abs(advertised - configuredSeconds) <= toleranceSeconds) return advertised;
  return advertised * 60 === configuredSeconds ? configuredSeconds : advertised;
}

function isSixtyfold(many: number, few: number): boolean {
  return few > 0 && many <= few * 60 && many > few * 60 - toleranceSeconds;
}
