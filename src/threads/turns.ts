/** Jobs that wait, in groups that take turns: a group of many does not hold up one of few. */
export interface Turns<Job> {
  readonly add: (group: readonly Job[]) => void;
  readonly next: () => Job | undefined;
  /** Forgets what of a group is still waiting. */
  readonly drop: (group: readonly Job[]) => void;
  /** Takes back everything. */
  readonly clear: () => readonly Job[];
}

export function createTurns<Job>(): Turns<Job> {
  let groups: Job[][] = [];
  return {
    add(group) {
      if (group.length > 0) groups.push([...group]);
    },
    next() {
      const group = groups.shift();
      const job = group?.shift();
      if (group && group.length > 0) groups.push(group);
      return job;
    },
    drop(group) {
      const dropped = new Set(group);
      groups = groups.map((jobs) => jobs.filter((job) => !dropped.has(job))).filter(({ length }) => length > 0);
    },
    clear() {
      const waiting = groups.flat();
      groups = [];
      return waiting;
    },
  };
}
