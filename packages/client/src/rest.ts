/** Requests in the name of the signed-in person: a token with each, one refresh when it is refused. */
import type { RequestOptions, Rest } from "./api.js";
import { ClientError } from "./errors.js";
import { type HttpConfig, type HttpRequest, sendRequest } from "./http.js";

/** Where tokens come from; `undefined` means that nobody is signed in. */
export interface TokenSource {
  token(isStale: boolean): Promise<string | null | undefined>;
}

export class RestClient implements Rest {
  readonly #config: HttpConfig;
  readonly #tokens: TokenSource;

  constructor(config: HttpConfig, tokens: TokenSource) {
    this.#config = config;
    this.#tokens = tokens;
  }

  get<Answer>(path: string, options: RequestOptions = {}): Promise<Answer> {
    return this.#send({ ...options, method: "GET", path });
  }

  post<Answer>(path: string, body: unknown = {}, options: RequestOptions = {}): Promise<Answer> {
    return this.#send({ ...options, method: "POST", path, body });
  }

  put<Answer>(path: string, body: unknown = {}, options: RequestOptions = {}): Promise<Answer> {
    return this.#send({ ...options, method: "PUT", path, body });
  }

  patch<Answer>(path: string, body: unknown, options: RequestOptions = {}): Promise<Answer> {
    return this.#send({ ...options, method: "PATCH", path, body });
  }

  delete<Answer>(path: string, options: RequestOptions = {}): Promise<Answer> {
    return this.#send({ ...options, method: "DELETE", path });
  }

  async #send<Answer>(request: HttpRequest): Promise<Answer> {
    const token = await this.#tokens.token(false);
    try {
      return (await sendRequest(this.#config, { ...request, token: token ?? null })) as Answer;
    } catch (thrown) {
      const wasRefused = thrown instanceof ClientError && thrown.status === 401 && typeof token === "string";
      if (!wasRefused) throw thrown;
      const fresh = await this.#tokens.token(true);
      if (typeof fresh !== "string" || fresh === token) throw thrown;
      return (await sendRequest(this.#config, { ...request, token: fresh })) as Answer;
    }
  }
}
