import { useChatWords } from "../../chat/words.js";

/** Own or not, how wide, how high: the shape of a conversation. */
const SHAPES = [
  [false, "62%", "3.5rem"],
  [false, "38%", "2.25rem"],
  [true, "17rem", "2.25rem"],
  [true, "22rem", "3.5rem"],
  [false, "70%", "5rem"],
  [true, "12rem", "2.25rem"],
  [false, "44%", "2.25rem"],
] as const;

/** Messages to be, in the shape of messages; seen only when loading takes longer than 150 ms. */
export function ThreadShapes() {
  const words = useChatWords();
  return (
    <div className="carillon-thread-box">
      <p className="carillon-visually-hidden" role="status">
        {words.loadingMessages}
      </p>
      <div className="carillon-thread-scroll" aria-hidden="true">
        <div className="carillon-thread carillon-skeletons">
          {SHAPES.map(([isMine, inlineSize, blockSize], index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the shapes never change their order
            <div className="carillon-message" key={index} data-mine={isMine || undefined}>
              <div className="carillon-message-main" data-shape="">
                <span className="carillon-skeleton" data-shape="bubble" style={{ inlineSize, blockSize }} />
              </div>
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
