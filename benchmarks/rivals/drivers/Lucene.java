import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.charfilter.MappingCharFilter;
import org.apache.lucene.analysis.charfilter.NormalizeCharMap;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.analysis.en.EnglishPossessiveFilter;
import org.apache.lucene.analysis.snowball.SnowballFilter;
import org.apache.lucene.analysis.standard.StandardTokenizer;
import org.apache.lucene.document.BinaryDocValuesField;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.LongField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.BinaryDocValues;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.Term;
import org.apache.lucene.queryparser.classic.QueryParser;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TopScoreDocCollectorManager;
import org.apache.lucene.search.uhighlight.DefaultPassageFormatter;
import org.apache.lucene.search.uhighlight.UnifiedHighlighter;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.BytesRef;
import org.tartarus.snowball.ext.EnglishStemmer;
import org.tartarus.snowball.ext.RussianStemmer;

/** Lucene as an engine of the benchmarks; benchmarks/rivals/remote.py tells what it reads and writes. */
public final class Lucene {
  private static final int LIMIT = 10;
  private static final double BUFFER = 512; // MB: holds 100,000 documents of 80 words in one segment

  private final BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
  private final BufferedWriter out = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
  private Analyzer analyzer;
  private DirectoryReader reader;
  private IndexSearcher searcher;
  private QueryParser parser;
  private IndexWriter writer;
  private boolean ofTokens;

  private static final Logger LOG = Logger.getLogger("org.apache.lucene"); // kept, as loggers are held weakly

  public static void main(String[] arguments) throws Exception {
    LOG.setLevel(Level.WARNING);
    new Lucene().answer();
  }

  private void answer() throws Exception {
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      List<String> command = parse(line);
      switch (command.get(0)) {
        case "ready" -> say(List.of("ready"));
        case "build" -> build(command);
        case "open" -> open(command);
        case "ask" -> ask(command.get(1), Integer.parseInt(command.get(2)));
        case "add" -> add(command);
        case "refresh" -> refresh();
        case "segments" -> say(List.of(Integer.toString(reader.leaves().size())));
        default -> throw new IllegalArgumentException(line);
      }
      out.flush();
    }
    if (writer != null) {
      writer.close();
    }
  }

  private void build(List<String> command) throws IOException {
    ofTokens = command.get(4).equals("1");
    analyzer = analyzer(ofTokens);
    try (IndexWriter built = writer(Path.of(command.get(1)), IndexWriterConfig.OpenMode.CREATE);
        BufferedReader records = Files.newBufferedReader(Path.of(command.get(2)), StandardCharsets.UTF_8)) {
      for (String line = records.readLine(); line != null; line = records.readLine()) {
        built.addDocument(document(parse(line)));
      }
      built.forceMerge(1);
      built.commit();
    }
    say(List.of("done"));
  }

  private IndexWriter writer(Path folder, IndexWriterConfig.OpenMode mode) throws IOException {
    IndexWriterConfig config = new IndexWriterConfig(analyzer).setOpenMode(mode).setRAMBufferSizeMB(BUFFER);
    return new IndexWriter(FSDirectory.open(folder), config);
  }

  private static Analyzer analyzer(boolean ofTokens) {
    return ofTokens ? new WhitespaceAnalyzer() : new RussianAndEnglish();
  }

  /** Both stemmers follow each other: each leaves words of the other script as they are. */
  private static final class RussianAndEnglish extends Analyzer {
    private static final NormalizeCharMap YO = yo();

    private static NormalizeCharMap yo() {
      NormalizeCharMap.Builder builder = new NormalizeCharMap.Builder();
      builder.add("ё", "е");
      builder.add("Ё", "Е");
      return builder.build();
    }

    @Override
    protected TokenStreamComponents createComponents(String field) {
      Tokenizer words = new StandardTokenizer();
      TokenStream lower = new LowerCaseFilter(new EnglishPossessiveFilter(words));
      TokenStream russian = new SnowballFilter(lower, new RussianStemmer());
      return new TokenStreamComponents(words, new SnowballFilter(russian, new EnglishStemmer()));
    }

    @Override
    protected Reader initReader(String field, Reader text) {
      return new MappingCharFilter(YO, text);
    }

    @Override
    protected Reader initReaderForNormalization(String field, Reader text) {
      return new MappingCharFilter(YO, text);
    }

    @Override
    protected TokenStream normalize(String field, TokenStream words) {
      return new LowerCaseFilter(words);
    }
  }

  /** A document of a record: id, title, body, day, language. */
  private Document document(List<String> record) {
    Document made = new Document();
    made.add(new StringField("id", record.get(0), Field.Store.NO));
    made.add(new BinaryDocValuesField("id", new BytesRef(record.get(0))));
    String text = record.get(1) + "\n" + record.get(2);
    made.add(new TextField("text", text, ofTokens ? Field.Store.NO : Field.Store.YES));
    made.add(new LongField("date", LocalDate.parse(record.get(3)).toEpochDay(), Field.Store.NO));
    return made;
  }

  private void open(List<String> command) throws IOException {
    ofTokens = command.get(2).equals("1");
    analyzer = analyzer(ofTokens);
    reader = DirectoryReader.open(FSDirectory.open(Path.of(command.get(1))));
    parser = new QueryParser("text", analyzer);
    search();
    say(List.of("done"));
  }

  private void search() {
    searcher = new IndexSearcher(reader);
    searcher.setQueryCache(null); // no query comes back
  }

  private void ask(String way, int count) throws Exception {
    List<List<String>> queries = lines(count);
    for (List<String> query : queries) {
      long began = System.nanoTime();
      List<String> answer = way.equals("search") ? hits(query) : snippets(query);
      long took = System.nanoTime() - began;
      answer.add(0, Long.toString(took));
      say(answer);
    }
  }

  private List<List<String>> lines(int count) throws IOException {
    List<List<String>> found = new ArrayList<>();
    for (int number = 0; number < count; number++) {
      found.add(parse(in.readLine()));
    }
    return found;
  }

  private Query query(List<String> asked) throws Exception {
    Query words = parser.parse(asked.get(0));
    if (asked.get(2).isEmpty()) {
      return words;
    }
    long first = LocalDate.parse(asked.get(2)).toEpochDay();
    long last = LocalDate.parse(asked.get(3)).toEpochDay();
    Query within = LongField.newRangeQuery("date", first, last);
    return new BooleanQuery.Builder().add(words, Occur.MUST).add(within, Occur.FILTER).build();
  }

  private TopDocs best(Query query) throws IOException {
    return searcher.search(query, new TopScoreDocCollectorManager(LIMIT, Integer.MAX_VALUE));
  }

  private static List<String> answer(TopDocs found) {
    List<String> answer = new ArrayList<>();
    answer.add(Long.toString(found.totalHits.value()));
    return answer;
  }

  private List<String> hits(List<String> asked) throws Exception {
    TopDocs found = best(query(asked));
    List<String> answer = answer(found);
    for (ScoreDoc hit : found.scoreDocs) {
      LeafReaderContext leaf = reader.leaves().get(ReaderUtil.subIndex(hit.doc, reader.leaves()));
      BinaryDocValues ids = leaf.reader().getBinaryDocValues("id");
      ids.advanceExact(hit.doc - leaf.docBase);
      answer.add(ids.binaryValue().utf8ToString());
    }
    return answer;
  }

  private List<String> snippets(List<String> asked) throws Exception {
    Query query = query(asked);
    TopDocs found = best(query);
    List<String> answer = answer(found);
    UnifiedHighlighter highlighter =
        UnifiedHighlighter.builder(searcher, analyzer)
            .withFormatter(new DefaultPassageFormatter("<b>", "</b>", "... ", true))
            .build();
    for (String snippet : highlighter.highlight("text", query, found)) {
      answer.add(snippet);
    }
    return answer;
  }

  private void add(List<String> command) throws IOException {
    if (writer == null) {
      writer = writer(Path.of(command.get(1)), IndexWriterConfig.OpenMode.APPEND);
    }
    for (List<String> record : lines(Integer.parseInt(command.get(2)))) {
      writer.updateDocument(new Term("id", record.get(0)), document(record));
    }
    writer.commit();
    say(List.of("done"));
  }

  private void refresh() throws IOException {
    DirectoryReader newer = DirectoryReader.openIfChanged(reader);
    if (newer != null) {
      reader.close();
      reader = newer;
      search();
    }
    say(List.of("done"));
  }

  /** The strings of a JSON array of strings. */
  private static List<String> parse(String line) {
    List<String> found = new ArrayList<>();
    StringBuilder one = null;
    for (int at = 1; at < line.length(); at++) {
      char letter = line.charAt(at);
      if (letter == '"') {
        if (one == null) {
          one = new StringBuilder();
        } else {
          found.add(one.toString());
          one = null;
        }
      } else if (one != null && letter == '\\') {
        at++;
        switch (line.charAt(at)) {
          case 'n' -> one.append('\n');
          case 't' -> one.append('\t');
          case 'r' -> one.append('\r');
          case 'b' -> one.append('\b');
          case 'f' -> one.append('\f');
          case 'u' -> {
            one.append((char) Integer.parseInt(line.substring(at + 1, at + 5), 16));
            at += 4;
          }
          default -> one.append(line.charAt(at));
        }
      } else if (one != null) {
        one.append(letter);
      }
    }
    return found;
  }

  /** Write a JSON array of strings. */
  private void say(List<String> answer) throws IOException {
    String separator = "[";
    for (String one : answer) {
      out.write(separator);
      out.write('"');
      for (int at = 0; at < one.length(); at++) {
        char letter = one.charAt(at);
        if (letter < ' ' || letter == '"' || letter == '\\') {
          out.write(String.format("\\u%04x", (int) letter));
        } else {
          out.write(letter);
        }
      }
      out.write('"');
      separator = ", ";
    }
    out.write("]\n");
  }
}
