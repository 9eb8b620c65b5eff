import { useEffect, useState } from "react";

/** `value`, once it has stood still for `wait` milliseconds. */
export function useSettled(value: string, wait: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), wait);
    return () => clearTimeout(timer);
  }, [value, wait]);
  return value === "" ? "" : settled;
}
