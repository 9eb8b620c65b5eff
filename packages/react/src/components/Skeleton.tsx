import { useLabels } from "../context.js";

const WIDTHS = [1, 2, 3, 5, 1, 2, 3, 5];

/** Rows to be, in the shape of rows; seen only when loading takes longer than 150 ms, and without shimmer. */
export function Skeleton() {
  const labels = useLabels();
  return (
    <>
      <p className="carillon-visually-hidden" role="status">
        {labels.loading}
      </p>
      <div className="carillon-skeletons carillon-list" aria-hidden="true">
        {WIDTHS.map((width, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the shapes never change their order
          <div className="carillon-row" key={index}>
            <span className="carillon-skeleton" data-shape="face" />
            <div className="carillon-skeleton-lines">
              <span className="carillon-skeleton" data-w={width} />
              <span className="carillon-skeleton" data-shape="excerpt" data-w={index % 2 === 0 ? 4 : 2} />
            </div>
          </div>
        ))}
      </div>
    </>
  );
}
