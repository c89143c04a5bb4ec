/** Seconds that the parts of a design take among themselves: assumptions, the same for all designs. */
export const RECEIVE = 0.02;
/** Claiming a task, and committing it. */
export const BOOKKEEPING = 0.03;
export const READ_PLAN = 0.01;
/** From the queue of submitted tasks to the group's. */
export const ROUTE = 0.2;
/** Until a function that was not running has begun. */
export const WAKE = 0.2;
/** From the leader's look until its plan can be read. */
export const LOOK = 0.05;
