// Writes the overloads of the public door, which differ only in the shape of the function they take.
// Run from the repository's root after a change here: dotnet run eng/overloads.cs
using System.Text;

const int MaxArguments = 2;
const string Tail = ", CancellationToken cancellationToken = default";
string root = Path.Combine("src", "Kernmantle");
if (args.Length > 0 || !Directory.Exists(root))
{
    Console.Error.WriteLine(args.Length > 0 ? $"overloads: '{args[0]}' is not understood. It takes no option." : "overloads: there is no src/Kernmantle here. Run it from the repository's root.");
    return 2;
}

Shape value = new("TResult", "TResult", "ReturnKind.Value", IsVoid: false, Priority: 0);
Shape task = new("Task<TResult>", "TResult", "ReturnKind.Task", false, 1);
Shape none = new(null, null, "ReturnKind.Value", true, 0);
Shape taskNone = new("Task", null, "ReturnKind.Task", true, 1);
Shape stream = new("IAsyncEnumerable<TResult>", "TResult", "ReturnKind.Stream", false, 0);
Shape[] all = [value, task, none, taskNone];

Write(Path.Combine("Api", "Pools", "CallInvoker.Overloads.g.cs"), "public abstract partial class CallInvoker", PoolMembers());
Write(Path.Combine("Api", "Pools", "ObjectInvoker.Overloads.g.cs"), "public abstract partial class ObjectInvoker<T>", ObjectMembers());
Write(Path.Combine("Api", "Workers", "Worker.Overloads.g.cs"), "public abstract partial class Worker", WorkerMembers());
return 0;

IEnumerable<string> PoolMembers()
{
    foreach ((Shape shape, bool token, int n) in Each(all))
    {
        bool first = shape == value && !token && n == 0;
        string doc = first
            ? """
              /// <summary>Runs a function on a worker and returns its result. Every overload differs only in the shape of the function.</summary>
              /// <returns>Completes once: with the result, a failure derived from <see cref="WorkerException"/>, or cancelled.</returns>
              /// <remarks>
              /// What the function throws arrives as <see cref="RemoteException"/> in every place. A function that takes a token gets one that
              /// is cancelled with <paramref name="cancellationToken"/>, with a timeout, and with the pool.
              /// </remarks>
              """
            : "/// <inheritdoc cref=\"RunAsync{TResult}(Func{TResult}, CancellationToken)\"/>";
        yield return Member(
            doc,
            shape,
            $"public {(shape.Result is null ? "Task" : "Task<TResult>")} RunAsync{Generics(n, shape.Result)}({Parameters(shape, token, n, null)}{Tail})",
            $"calls.RunCore<{Tuple(n)}, {shape.Result ?? "Unit"}>(function, {ShapeOf(shape, token)}, {Arguments(n)}, callOptions, cancellationToken)");
        // For F#, which knows no priorities, but prefers what needs no optional argument: so `fun () -> task { … }` is no value.
        if (shape == task && !token)
        {
            yield return Member(
                "/// <inheritdoc cref=\"RunAsync{TResult}(Func{TResult}, CancellationToken)\"/>",
                shape,
                $"public Task<TResult> RunAsync{Generics(n, shape.Result)}({Parameters(shape, token, n, null)})",
                $"calls.RunCore<{Tuple(n)}, TResult>(function, {ShapeOf(shape, token)}, {Arguments(n)}, callOptions, default)");
        }
    }
    foreach ((Shape shape, bool token, int n) in Each([value, none]))
    {
        yield return Member(
            shape == value && !token && n == 0
                ? """
                  /// <summary>Runs a synchronous function on a worker and waits for its result on the calling thread.</summary>
                  /// <remarks>
                  /// Do not call it from a call of the same pool: that occupies a worker while it waits for another one.
                  /// </remarks>
                  /// <exception cref="WorkerException">The call failed.</exception>
                  /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
                  """
                : "/// <inheritdoc cref=\"Run{TResult}(Func{TResult}, CancellationToken)\"/>",
            shape,
            $"public {shape.Result ?? "void"} Run{Generics(n, shape.Result)}({Parameters(shape, token, n, null)}{Tail})",
            $"calls.RunSync<{Tuple(n)}, {shape.Result ?? "Unit"}>(function, {ShapeOf(shape, token)}, {Arguments(n)}, callOptions, cancellationToken)");
    }
    foreach (string order in new[] { "MapAsync", "MapUnorderedAsync" })
    {
        string summary = order == "MapAsync"
            ? "Runs a function over the inputs and yields the results in the order of the inputs."
            : "Runs a function over the inputs and yields the results as they finish.";
        foreach (string source in new[] { "IEnumerable", "IAsyncEnumerable" })
        {
            foreach ((Shape shape, bool token, int n) in Each([value, task]).Where(static e => e.Arguments == 1))
            {
                yield return Member(
                    $"""
                    /// <summary>{summary}</summary>
                    /// <remarks>
                    /// Inputs are pulled as results are taken, so an endless source is fine. A failed item has its own failure and the others go
                    /// on. Leaving the enumeration early cancels what is under way. Nothing happens before the enumeration starts.
                    /// </remarks>
                    """,
                    shape,
                    $"public IAsyncEnumerable<MapResult<T, TResult>> {order}<T, TResult>({Parameters(shape, token, 0, "T")}, {source}<T> inputs{Tail})",
                    $"calls.{(order == "MapAsync" ? "MapCore" : "MapUnorderedCore")}<T, TResult>(function, {ShapeOf(shape, token)}, {(source == "IEnumerable" ? "Submission.Listed(inputs)" : "inputs")}, callOptions, cancellationToken)");
            }
        }
    }
    foreach (string source in new[] { "IEnumerable", "ReadOnlyMemory" })
    {
        // An array is both: the sequence is taken, which knows an array when it sees one.
        int least = source == "IEnumerable" ? 0 : -2;
        foreach ((Shape shape, bool token, int n) in Each(all).Where(static e => e.Arguments == 1))
        {
            bool gives = shape.Result is not null;
            bool first = shape == (gives ? value : none) && !token && source == "IEnumerable";
            string doc = !first
                ? gives ? "/// <inheritdoc cref=\"MapToArrayAsync{T, TResult}(Func{T, TResult}, IEnumerable{T}, CancellationToken)\"/>" : "/// <inheritdoc cref=\"ForEachAsync{T}(Action{T}, IEnumerable{T}, CancellationToken)\"/>"
                : $"""
                  /// <summary>Runs a function over the inputs{(gives ? " and returns the results as one array, in the order of the inputs" : "")}.</summary>
                  /// <returns>Completes when all items have ended: {(gives ? "with the results, " : "")}with a <see cref="MapFailedException"/> that has each failure{(gives ? ", and the results that are there" : "")}, or cancelled.</returns>
                  /// <remarks>
                  /// Memory and arrays must stay as they are until then: parts of them may be read again. Where {(gives ? "inputs and results are bits and nothing else" : "inputs are bits and nothing else")}, a worker
                  /// process runs the function over whole slices in shared memory, at some nanoseconds an item; all else is as in <c>MapAsync</c>. <see cref="CallOptions.StopAtFirstFailure"/> ends
                  /// it with the first failure, <see cref="CallOptions.MapProgress"/> is told how far it is.
                  /// </remarks>
                  /// <exception cref="MapFailedException">Items failed.</exception>
                  /// <exception cref="OperationCanceledException">The map was cancelled.</exception>
                  """;
            yield return Member(
                doc,
                shape with { Priority = shape.Priority + least },
                $"public {(gives ? "Task<TResult[]> MapToArrayAsync<T, TResult>" : "Task ForEachAsync<T>")}({Parameters(shape, token, 0, "T")}, {source}<T> inputs{Tail})",
                $"calls.MapToArrayCore<T, {shape.Result ?? "Unit"}>(function, {ShapeOf(shape, token)}, Submission.Whole(inputs), callOptions, cancellationToken)");
        }
    }
    foreach ((_, bool token, int n) in Each([stream]).Where(IsNarrow))
    {
        yield return Member(
            """
            /// <summary>Runs a function that yields items on a worker, and streams them: at most
            /// <see cref="WorkerPoolOptions.StreamWindow"/> are under way to a slow consumer.</summary>
            /// <remarks>
            /// The call begins when the enumeration starts and occupies its worker until it ends; leaving early cancels it.
            /// </remarks>
            """,
            stream,
            $"public IAsyncEnumerable<TResult> StreamAsync{Generics(n, "TResult")}({Parameters(stream, token, n, null)}{Tail})",
            $"calls.StreamCore<{Tuple(n)}, TResult>(function, {ShapeOf(stream, token)}, {Arguments(n)}, callOptions, cancellationToken)");
    }
    foreach ((Shape shape, bool token, int n) in Each([value, task]).Where(static e => !e.Token).Where(IsNarrow))
    {
        yield return Member(
            """
            /// <summary>Creates an object in a worker, where it stays and serves calls until it is disposed of.</summary>
            /// <remarks>
            /// The type of the object need not be able to cross: the object never does. Options set by <see cref="With"/> are those of its creation;
            /// calls on it have their own (<see cref="ObjectInvoker{T}.With"/>).
            /// </remarks>
            """,
            shape,
            $"public Task<Remote<TResult>> CreateAsync{Generics(n, "TResult")}({Parameters(shape, token, n, null)}, RemoteOptions? options = null, CancellationToken cancellationToken = default)\n        where TResult : class",
            $"calls.CreateCore<{Tuple(n)}, TResult>(function, {ShapeOf(shape, token)[..^1]}, ResultIsInstance: true), {Arguments(n)}, callOptions, options, cancellationToken)");
    }
}

IEnumerable<string> ObjectMembers()
{
    foreach ((Shape shape, bool token, int n) in Each(all))
    {
        yield return Member(
            """
            /// <summary>Calls a function on the object, in its worker, after the calls made before.</summary>
            /// <exception cref="StateLostException">The object is gone with its worker.</exception>
            """,
            shape,
            $"public {(shape.Result is null ? "Task" : "Task<TResult>")} CallAsync{Generics(n, shape.Result)}({Parameters(shape, token, n, "T")}{Tail})",
            $"remote.CallCore<{Tuple(n, "T")}, {shape.Result ?? "Unit"}>(function, {ShapeOf(shape, token)[..^1]}, FirstIsInstance: true), {Arguments(n, "default!")}, {Bind()}, callOptions, cancellationToken)");
    }
    foreach ((_, bool token, int n) in Each([stream]).Where(IsNarrow))
    {
        yield return Member(
            """
            /// <summary>Streams what a function of the object yields. The object serves no other call until the stream has ended.</summary>
            /// <exception cref="StateLostException">The object is gone with its worker.</exception>
            """,
            stream,
            $"public IAsyncEnumerable<TResult> StreamAsync{Generics(n, "TResult")}({Parameters(stream, token, n, "T")}{Tail})",
            $"remote.StreamCore<{Tuple(n, "T")}, TResult>(function, {ShapeOf(stream, token)[..^1]}, FirstIsInstance: true), {Arguments(n, "default!")}, {Bind()}, callOptions, cancellationToken)");
    }
}

IEnumerable<string> WorkerMembers()
{
    foreach (string place in new[] { "Thread", "Process" })
    {
        string summary = place == "Thread"
            ? """
              /// <summary>Creates a worker that runs a function on a thread of its own. Start it with <see cref="Start"/>.</summary>
              /// <remarks>What the function does to shared memory is seen everywhere; a thread cannot be killed.</remarks>
              """
            : """
              /// <summary>Creates a worker that runs a function in a process of its own. Start it with <see cref="Start"/>.</summary>
              /// <remarks>Captures and arguments cross by value, as they are now.</remarks>
              /// <exception cref="NotPortableException">Something cannot cross.</exception>
              /// <exception cref="PlatformNotSupportedException">This program cannot be started again as a worker.</exception>
              """;
        foreach ((Shape shape, bool token, int n) in Each(all).Where(IsNarrow))
        {
            string names = string.Join(", ", Enumerable.Range(1, n).Select(static i => $"argument{i}"));
            yield return Member(
                summary,
                shape,
                $"public static {(shape.Result is null ? "Worker" : "Worker<TResult>")} On{place}{Generics(n, shape.Result)}(string name, {Parameters(shape, token, n, null)}, {place}WorkerOptions? options = null)",
                $"{place}Core<{Tuple(n)}, {shape.Result ?? "Unit"}>(name, function, {ShapeOf(shape, token)}, {Arguments(n)}, [{names}], options)");
        }
    }
}

static IEnumerable<(Shape Shape, bool Token, int Arguments)> Each(Shape[] shapes) =>
    from shape in shapes from token in new[] { false, true } from n in Enumerable.Range(0, MaxArguments + 1) select (shape, token, n);

// What is called often takes arguments one by one; the rest takes one, which may be a tuple.
static bool IsNarrow((Shape, bool, int Arguments) each) => each.Arguments < MaxArguments;

static string Member(string doc, Shape shape, string signature, string body)
{
    var text = new StringBuilder();
    foreach (string line in doc.Split('\n'))
        text.Append("    ").AppendLine(line.TrimEnd());
    if (shape.Priority != 0)
        text.AppendLine($"    [OverloadResolutionPriority({shape.Priority})]");
    return text.AppendLine($"    {signature} =>").AppendLine($"        {body};").ToString();
}

static string Generics(int n, string? result)
{
    string[] names = [.. Enumerable.Range(1, n).Select(static i => $"T{i}"), .. result is null ? Array.Empty<string>() : [result]];
    return names.Length == 0 ? "" : $"<{string.Join(", ", names)}>";
}

// The function, then its arguments. With an instance, that is the function's first parameter but no argument of the call.
static string Parameters(Shape shape, bool token, int n, string? instance)
{
    string[] types =
    [
        .. instance is null ? Array.Empty<string>() : [instance],
        .. Enumerable.Range(1, n).Select(static i => $"T{i}"),
        .. token ? ["CancellationToken"] : Array.Empty<string>(),
        .. shape.Returns is null ? Array.Empty<string>() : [shape.Returns],
    ];
    string family = shape.Returns is null ? "Action" : "Func";
    string function = types.Length == 0 ? family : $"{family}<{string.Join(", ", types)}>";
    return string.Join(", ", [$"{function} function", .. Enumerable.Range(1, n).Select(static i => $"T{i} argument{i}")]);
}

static string Tuple(int n, string? first = null)
{
    string[] types = [.. first is null ? Array.Empty<string>() : [first], .. Enumerable.Range(1, n).Select(static i => $"T{i}")];
    return types.Length == 0 ? "ValueTuple" : $"ValueTuple<{string.Join(", ", types)}>";
}

static string Arguments(int n, string? first = null)
{
    string[] values = [.. first is null ? Array.Empty<string>() : [first], .. Enumerable.Range(1, n).Select(static i => $"argument{i}")];
    return values.Length == 0 ? "default" : $"new({string.Join(", ", values)})";
}

static string Bind() => "static (o, a) => a with { Item1 = (T)o }";

static string ShapeOf(Shape shape, bool token) => $"new({shape.Kind}, IsVoid: {Lower(shape.IsVoid)}, HasToken: {Lower(token)})";

static string Lower(bool value) => value ? "true" : "false";

void Write(string path, string declaration, IEnumerable<string> members)
{
    string text = $$"""
        // <auto-generated>Written by eng/overloads.cs; change that instead.</auto-generated>
        #nullable enable
        using System.Runtime.CompilerServices;
        using Kernmantle.Functions;
        using Kernmantle.Scheduling;

        namespace Kernmantle;

        {{declaration}}
        {
        {{string.Join(Environment.NewLine, members).TrimEnd()}}
        }

        """;
    File.WriteAllText(Path.Combine(root, path), text.ReplaceLineEndings("\n"));
}

internal sealed record Shape(string? Returns, string? Result, string Kind, bool IsVoid, int Priority);
