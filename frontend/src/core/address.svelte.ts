/** Where one is: the part of the address after '#', as a path and its parameters. A page keeps in it what a link to it
 *  should show. It never reaches the server, so nothing of it ends in a log. */

interface Place {
  path: string;
  /** Of the path, each as it was before it was written into an address; null: somebody wrote what stands for nothing. */
  segments: string[] | null;
  params: URLSearchParams;
}

function segmentsOf(path: string): string[] | null {
  try {
    return path.split("/").filter(Boolean).map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

function read(): Place {
  const [written = "", query = ""] = location.hash.replace(/^#/, "").split("?", 2);
  const path = written.startsWith("/") ? written : "/";
  return { path, segments: segmentsOf(path), params: new URLSearchParams(query) };
}

let place = $state.raw<Place>(read());
addEventListener("hashchange", () => (place = read()));

export function link(path: string, params: Record<string, string> = {}): string {
  const query = new URLSearchParams(params).toString();
  return `#${path}${query ? `?${query}` : ""}`;
}

export const address = {
  get path(): string {
    return place.path;
  },
  /** What follows the page's own path: its segments. */
  after(path: string): string[] {
    return (place.segments ?? []).slice(path.split("/").filter(Boolean).length);
  },
  /** Whether it can be read: a half of a %-pair cannot. */
  get readable(): boolean {
    return place.segments !== null;
  },
  param(name: string): string | null {
    return place.params.get(name);
  },
  params(name: string): string[] {
    return place.params.getAll(name);
  },
  go(path: string, params: Record<string, string> = {}): void {
    location.hash = link(path, params);
  },
  /** Change some parameters of where one is, in place: an empty one is left out. */
  set(changes: Record<string, string | string[] | null>): void {
    const params = new URLSearchParams(place.params);
    for (const [name, value] of Object.entries(changes)) {
      params.delete(name);
      for (const each of Array.isArray(value) ? value : [value]) if (each) params.append(name, each);
    }
    const query = params.toString();
    history.replaceState(null, "", `#${place.path}${query ? `?${query}` : ""}`);
    place = read();
  },
};
