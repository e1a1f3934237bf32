/** The user's time zone. It is UTC if the browser's is not one: a device can report `Etc/Unknown`, which nothing formats. */
export function userTimeZone(): string {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return timeZone;
  } catch {
    return 'UTC';
  }
}

/** The hour and the minute that clocks of a time zone show at a time in Unix ms. */
export function clockIn(timeZone: string): (time: number) => { hours: number; minutes: number } {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, hour: 'numeric', minute: 'numeric', hourCycle: 'h23' });
  return (time) => {
    const [hours = 0, minutes = 0] = format.format(time).split(':').map(Number);
    return { hours, minutes };
  };
}
