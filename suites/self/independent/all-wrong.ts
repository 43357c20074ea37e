/**
 * All wrong behaviours, and which of them no case can notice.
 *
 * @module
 */
import { wrongAccess } from './wrong-access.ts';
import { wrongAnswers } from './wrong-answers.ts';
import { wrongCredentials } from './wrong-credentials.ts';
import { wrongOnTheWire } from './wrong-wire.ts';
import type { WrongBehaviour } from './wrong.ts';

export const wrongBehaviours: readonly WrongBehaviour[] = [...wrongCredentials, ...wrongAnswers, ...wrongAccess, ...wrongOnTheWire];

const wouldChange =
  'the request that would show it changes or deletes a real account, so that cases send it to an account that does not exist';

/** Firm wrong behaviours that stay unnoticed, with the reason why no case looks for them. */
export const beyondReach: Readonly<Record<string, string>> = {
  'gate/method-put': wouldChange,
  'gate/method-patch': wouldChange,
  'gate/method-delete': wouldChange,
};
