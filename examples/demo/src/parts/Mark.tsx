/** The mark: the bell in ink, its clapper in brass. */
export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg className="mark" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path
        className="mark-bell"
        d="M4.2 17.2c2-1.9 2.6-4 2.6-6.9 0-3.5 2.1-6 5.2-6s5.2 2.5 5.2 6c0 2.9.6 5 2.6 6.9.5.5.2 1.1-.4 1.1H4.6c-.6 0-.9-.6-.4-1.1z"
      />
      <path className="mark-crown" d="M12 4.3V2.6" />
      <circle className="mark-clapper" cx="12" cy="21" r="1.8" />
    </svg>
  );
}
