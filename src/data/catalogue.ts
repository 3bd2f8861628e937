/** A file of a published data set. */
export interface PublishedFile {
  readonly name: string;
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
}

/** Where a data set is published and what must come of it. */
export interface PublishedSet {
  readonly title: string;
  /** What may be done with it. */
  readonly licence: string;
  /** Address of the folder of the files, or of the archive. */
  readonly base: string;
  /** A gzipped tar file that holds all files; without one each is fetched by itself. */
  readonly archive?: string;
  readonly files: readonly PublishedFile[];
}

const file = (name: string, sha256: string): PublishedFile => ({ name, sha256 });

/** The data sets that `circulant data` knows. */
export const CATALOGUE = {
  mnist: {
    title: "MNIST",
    licence: "CC BY-SA 3.0",
    base: "https://ossci-datasets.s3.amazonaws.com/mnist/",
    files: [
      file("train-images-idx3-ubyte.gz", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
      file("train-labels-idx1-ubyte.gz", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
      file("t10k-images-idx3-ubyte.gz", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
      file("t10k-labels-idx1-ubyte.gz", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    ],
  },
  "fashion-mnist": {
    title: "Fashion-MNIST",
    licence: "MIT",
    base: "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    files: [
      file("train-images-idx3-ubyte.gz", "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
      file("train-labels-idx1-ubyte.gz", "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
      file("t10k-images-idx3-ubyte.gz", "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
      file("t10k-labels-idx1-ubyte.gz", "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
    ],
  },
  cifar10: {
    title: "CIFAR-10",
    licence: "for research; cite Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009",
    base: "https://www.cs.toronto.edu/~kriz/",
    archive: "cifar-10-binary.tar.gz",
    files: [
      file("data_batch_1.bin", "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
      file("data_batch_2.bin", "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
      file("data_batch_3.bin", "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"),
      file("data_batch_4.bin", "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"),
      file("data_batch_5.bin", "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"),
      file("test_batch.bin", "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"),
    ],
  },
} as const satisfies Readonly<Record<string, PublishedSet>>;
