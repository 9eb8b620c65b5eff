const RINGS = [100, 144, 192, 244, 300, 360, 424, 492, 564, 640];

/** The bell and the rings of its sound, behind the sign-in. */
export function DoorArt() {
  return (
    <svg
      className="door-art"
      viewBox="0 0 600 800"
      preserveAspectRatio="xMidYMid slice"
      aria-hidden="true"
      fill="none"
      stroke="#ad7b22"
      strokeWidth="1.25"
    >
      <g>
        {RINGS.map((radius, index) => (
          <circle key={radius} cx="300" cy="390" r={radius} opacity={Math.max(0.69 - index * 0.11, 0.06)} />
        ))}
      </g>
      <g className="door-bell" fill="#f5efe2" stroke="none" transform="translate(330 250)">
        <g transform="rotate(12) scale(7.5) translate(-12 -2.6)">
          <path d="M4.2 17.2c2-1.9 2.6-4 2.6-6.9 0-3.5 2.1-6 5.2-6s5.2 2.5 5.2 6c0 2.9.6 5 2.6 6.9.5.5.2 1.1-.4 1.1H4.6c-.6 0-.9-.6-.4-1.1z" />
          <path stroke="#f5efe2" strokeWidth="1.8" strokeLinecap="round" d="M12 4.3V2.6" />
          <circle fill="#d4a048" cx="12" cy="21" r="1.8" />
        </g>
      </g>
    </svg>
  );
}
