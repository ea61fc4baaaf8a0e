/** Minutes as seconds. */
export const minutes = (count: number): number => count * 60

/** Hours as seconds. */
export const hours = (count: number): number => count * 3600

/** Seconds as people write them: `45s`, `12m30s`, `2h05m`. */
export const formatSeconds = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds))
  const pad = (part: number) => String(part).padStart(2, '0')
  if (whole < 60) return `${whole}s`
  if (whole < 3600) return `${Math.floor(whole / 60)}m${pad(whole % 60)}s`
  return `${Math.floor(whole / 3600)}h${pad(Math.floor((whole % 3600) / 60))}m`
}
