import { useEffect, useState } from "react";

/** True once `isOn` has been true for `wait` milliseconds. */
export function useLate(isOn: boolean, wait: number): boolean {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    if (!isOn) return;
    const timer = setTimeout(() => setLate(true), wait);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [isOn, wait]);
  return isOn && isLate;
}
