/** Names of states. A step's own state has the step's id. */
export const STATE = {
  BEGIN: 'Begin',
  COMPLETE: 'Complete',
  COMPENSATED: 'Compensated',
  UNDONE: 'Undone?',
  PARK: 'Park',
  SEND_PARKED: 'Send parked',
  TELL: 'Tell',
  DUPLICATE: 'Duplicate saga',
  INVALID: 'Invalid input',
  OVERTAKEN: 'Overtaken',
  NOT_CALLED: 'Not called',
  REDRIVEN: 'Redriven',
  RECOVER: 'Recover',
  WHERE_TO: 'Where to?',
  NOTHING_TO_DO: 'Nothing to do',
  REFUSED: 'Refused',
} as const;

export const undoOf = (id: string) => `Undo ${id}`;
export const queryOf = (id: string) => `Query ${id}`;
export const settledOf = (id: string) => `${id} settled?`;
