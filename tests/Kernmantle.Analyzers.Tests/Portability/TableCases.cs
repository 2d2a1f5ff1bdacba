using System.Globalization;
using System.Text;

namespace Kernmantle.Analyzers.Tests.Portability;

/// <summary>The cases of each row of docs/portability.md: statements over a pool of processes.</summary>
internal static class TableCases
{
    private static readonly string[] None = [];

    /// <summary>By the first cell of the row. What shows at run time only (a value's real type, private state in other assemblies, F#) has no case here.</summary>
    public static IReadOnlyDictionary<string, (string[] Crosses, string[] Refused)> All { get; } = new Dictionary<string, (string[], string[])>
    {
        ["static lambdas, lambdas that capture, local functions, method groups, generic methods, lambdas in generic types"] = (
            [
                "pool.Run(static () => 1);", "int n = 1; pool.Run(() => n);", "pool.Run(Local); int Local() => 1;", "pool.Run(Methods.One);", "pool.Run(Methods.Same<int>, 1);", "Generic<int>.Run(pool);",
            ],
            None),
        ["methods of an object (`obj.Method`)"] = (
            ["var point = new Point(1, 2); pool.Run(point.ToString);", "pool.Run(\"a\".ToUpperInvariant);"],
            ["Stream stream = Stream.Null; pool.Run(stream.ReadByte);", "var hidden = new Hidden(1); pool.Run(hidden.Get);"]),
        ["delegates over several functions, compiled expressions, dynamic methods, delegates that wrap a delegate"] = (
            ["Func<int> one = static () => 1; pool.Run(one);"],
            [
                "Func<int> one = static () => 1, two = static () => 2; pool.Run(one + two);",
                "Func<int> one = static () => 1; pool.Run(one.Invoke);",
                "Func<int> one = static () => 1; pool.Run(new Func<int>(one));",
                "System.Linq.Expressions.Expression<Func<int>> one = static () => 1; pool.Run(one.Compile());",
                "Func<int> one = static () => 1; pool.Run((Func<int>)Delegate.Combine(one, one)!);",
                "var method = new System.Reflection.Emit.DynamicMethod(\"m\", typeof(int), []); pool.Run((Func<int>)method.CreateDelegate(typeof(Func<int>)));",
                "var method = new System.Reflection.Emit.DynamicMethod(\"m\", typeof(int), []); pool.Run(method.CreateDelegate<Func<int>>());",
            ]),
        ["functions of assemblies loaded by path, with dependencies of their own"] = (None, None),
        ["what may be an argument"] = (Captured("1", "\"text\"", "new Point(1, 2)", "new List<int>()", "new int[3]", "DateTime.Now"), None),
        ["`CancellationToken`, `IProgress<T>`"] = (
            ["CancellationToken token = default; pool.Run(() => token.IsCancellationRequested);", "IProgress<int> progress = new Progress<int>(); pool.Run(() => progress.Report(1));"],
            None),
        ["a function value of F#"] = (None, None),
        ["`this`"] = (["} private sealed class WholeThis { public int N { get; set; } public int Run() { using WorkerPool pool = WorkerPool.Processes(1); return pool.Run(() => N); }"], ["} private sealed class HiddenThis { private int n; public int Run() { using WorkerPool pool = WorkerPool.Processes(1); return pool.Run(() => n++); }"]),
        ["a stream, socket, delegate, lock, `Task`, `WorkerPool`"] = (
            None,
            Captured("Stream.Null", "new System.Net.Sockets.Socket(default, default, default)", "new Action(static () => { })", "new Lock()", "new object()", "Task.CompletedTask", "Task.FromResult(1)", "pool", "new MemoryStream()", "new FileStream(\"\", FileMode.Open)")),
        ["numbers, `bool`, `char`, enums, `decimal`, `Guid`, `DateTime` (with its kind), `DateTimeOffset`, `DateOnly`, `TimeOnly`, `TimeSpan`, and every other struct without references, private state included"] = (
            Arguments("int", "byte", "double", "bool", "char", "DayOfWeek", "decimal", "Guid", "DateTime", "DateTimeOffset", "DateOnly", "TimeOnly", "TimeSpan", "HiddenBits", "Half", "Int128"), None),
        ["arrays, `Memory<T>`, `ReadOnlyMemory<T>`, `ArraySegment<T>` of these"] = (Arguments("int[]", "HiddenBits[]", "Memory<byte>", "ReadOnlyMemory<double>", "ArraySegment<DateTime>"), Arguments("Memory<string>", "ReadOnlyMemory<Point>", "ArraySegment<string>")),
        ["`ReadOnlyMemory<T>` of 64 KiB and more, as an argument or a captured variable"] = (Arguments("ReadOnlyMemory<byte>"), None),
        ["`string` (any UTF-16 code units), `Uri`, `Version`, `BigInteger`"] = (Arguments("string", "Uri", "Version", "System.Numerics.BigInteger"), None),
        ["nullables (of structs that hold objects, too), tuples, `KeyValuePair`"] = (Arguments("int?", "(int, string)", "Tuple<int, string>", "KeyValuePair<int, string>", "(int, (string, Point)?)"), Arguments("(int, object)", "KeyValuePair<Stream, int>", "Tuple<int, Action>")),
        ["records, and classes and structs of the program whose every field is a public field, or stands behind a public property that can be set, initialised or is a parameter of the constructor"] = (
            Arguments("Point", "Whole", "Fields", "Initialised", "TakenByConstructor", "StructOfText", "Derived", "Tree"), None),
        ["`List`, `Dictionary`, `HashSet`, `SortedDictionary`, `SortedSet`, immutable collections except `ImmutableStack`; the interfaces `IEnumerable<T>`, `ICollection<T>`, `IList<T>`, `IDictionary<K, V>`, `IReadOnlyCollection<T>`, `IReadOnlyList<T>`, `IReadOnlyDictionary<K, V>`"] = (
            Arguments(
                "List<int>", "Dictionary<string, Point>", "HashSet<string>", "SortedDictionary<int, int>", "SortedSet<int>", "System.Collections.Immutable.ImmutableArray<int>", "System.Collections.Immutable.ImmutableList<Point>",
                "IEnumerable<int>", "ICollection<int>", "IList<int>", "IDictionary<int, int>", "IReadOnlyCollection<int>", "IReadOnlyList<int>", "IReadOnlyDictionary<int, string>"),
            Arguments("System.Collections.Immutable.ImmutableStack<int>", "Queue<int>", "Stack<int>", "LinkedList<int>", "List<object>", "Dictionary<string, Stream>", "IEnumerable<Action>", "ISet<int>")),
        ["F#: records, unions, `option`, `voption`, `Result`, `Choice`, `list`, `Map`, `Set`, `unit`"] = (None, None),
        ["`CancellationToken`, `IProgress<T>` as arguments"] = (Arguments("CancellationToken", "IProgress<int>"), [.. Arguments("(int, CancellationToken)", "(int, IProgress<int>)", "Progress<int>", "IProgress<object>"), "pool.Run(static () => (1, default(CancellationToken)));"]),
        ["`Remote<T>`, `SharedDictionary<TKey, TValue>`, `SharedList<T>` of a pool of processes"] = (
            [.. Arguments("Remote<Stream>", "SharedDictionary<int, string>", "SharedList<int>"), "pool.Run(static () => default(Remote<Stream>)!);"],
            Arguments("(int, Remote<Stream>)", "List<SharedList<int>>", "SharedDictionary<int, int>[]")),
        ["`SharedBuffer<T>` as an argument, a captured variable, a result or an item of a stream"] = (
            [.. Arguments("SharedBuffer<byte>"), "pool.Run(static () => default(SharedBuffer<int>)!);"],
            Arguments("(int, SharedBuffer<byte>)", "SharedBuffer<byte>[]")),
        ["types with other private state"] = (None, Arguments("Hidden", "Event", "PrimaryState", "PrivateSetter", "OnlyRead", "List<Hidden>", "ReadOnlyField", "NoConstructor", "OtherParameter", "DerivedOfHidden", "StructOfHidden")),
        ["`object`, abstract types and other interfaces"] = (None, [.. Arguments("object", "AbstractBase", "IDisposable", "IOwn", "List<IOwn>", "OfObject"), "pool.Run(static () => new object());", "pool.Run(static () => default(IOwn)!);"]),
        ["an object of a derived type, declared as its base"] = (
            ["pool.Run(static b => b.Name, new Base());"],
            ["Base b = new Derived(); pool.Run(static b => b.Name, b);", "pool.Run(static (Base b) => b.Name, new Derived());"]),
        ["collections with a comparer of their own, also behind a `ReadOnlyDictionary` or `ReadOnlySet`; what stands behind a dictionary interface and has no `Comparer` that tells it"] = (
            ["pool.Run(static s => s.Count, new HashSet<string>(StringComparer.Ordinal));", "pool.Run(static s => s.Count, new HashSet<int>());"],
            ["pool.Run(static s => s.Count, new HashSet<string>(StringComparer.OrdinalIgnoreCase));", "var d = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase); pool.Run(static d => d.Count, d);", "pool.Run(static s => s.Count, new SortedSet<string>(StringComparer.OrdinalIgnoreCase));"]),
        ["every other type of the platform: `StringBuilder`, `CultureInfo`, `IPAddress`, `JsonElement`, `Type`, `Task`, streams, handles, delegates"] = (
            None,
            [
                .. Arguments(
                    "StringBuilder", "CultureInfo", "System.Net.IPAddress", "System.Text.Json.JsonElement", "Type", "Task", "Task<int>", "Stream", "MemoryStream", "Microsoft.Win32.SafeHandles.SafeFileHandle", "Action", "Func<int, int>", "Exception", "Random", "System.Text.Json.JsonDocument",
                    "Lazy<int>", "Thread", "System.Text.RegularExpressions.Regex"),
                "pool.Run(static () => new StringBuilder());", "pool.Run(static () => typeof(int));",
            ]),
        ["`nint`, `nuint`, pointers, spans, arrays of several dimensions"] = (
            Arguments("int[][]"),
            [.. Arguments("nint", "nuint", "int[,]", "HoldsAddress", "List<nint>", "System.Runtime.InteropServices.GCHandle"), "unsafe { int* pointer = null; pool.Run(() => pointer == null); }", "pool.Run(static () => (nint)1);"]),
    };

    private const string Types =
        """
        public sealed record Point(int X, int Y);
        public struct HiddenBits(int n) { private int n = n; public int Get() => n++; }
        public sealed class Whole(int n) { public int N { get; init; } = n; }
        public sealed class Fields { public int A; public string B = ""; }
        public sealed class Initialised { public string A { get; init; } = ""; public required int B { get; set; } public int Doubled => 2 * B; private static int count; public static int Count => count++; }
        public sealed class TakenByConstructor { public TakenByConstructor(string name, int n) { Name = name; N = n; } public string Name { get; } public int N { get; } }
        public struct StructOfText { public string Text { get; set; } }
        public class Base { public string Name { get; init; } = ""; }
        public sealed class Derived : Base { public int N { get; init; } }
        public sealed class Tree { public List<Tree> Children { get; init; } = []; public Tree? Parent { get; set; } }
        public sealed class Hidden(int n) { private int n = n; public int Get() => n++; }
        public sealed class Event { public event Action? Happened; public void Raise() => Happened?.Invoke(); }
        public sealed class PrimaryState(int n) { public int Get() => n; }
        public sealed class PrivateSetter { public string Name { get; private set; } = ""; public void Set(string name) => Name = name; }
        public sealed class OnlyRead { public string Name { get; } = ""; }
        public sealed class ReadOnlyField { public readonly string Name = ""; }
        public sealed class NoConstructor { private NoConstructor() { } public static NoConstructor Make() => new(); public int N { get; set; } }
        public sealed class OtherParameter { public OtherParameter(int other) => N = other; public int N { get; set; } }
        public class BaseOfHidden { private int n; public int Get() => n++; }
        public sealed class DerivedOfHidden : BaseOfHidden { public int A { get; set; } }
        public struct StructOfHidden { private string text; public string Get() => text = ""; }
        public abstract class AbstractBase { public int N { get; set; } }
        public interface IOwn { int N { get; } }
        public sealed record OfObject(object Value);
        public struct HoldsAddress { public nint Address; }
        public static class Methods { public static int One() => 1; public static T Same<T>(T value) => value; }
        public static class Generic<T> { public static int Run(WorkerPool pool) => WorkerPool.Processes(1).Run(static () => typeof(T).Name.Length); }
        """;

    /// <summary>One line for each case: a method, which ends early where a type of its own is needed.</summary>
    public static string ProgramOf(IEnumerable<string> cases)
    {
        StringBuilder program = new();
        program.AppendLine("using System; using System.Collections.Generic; using System.Globalization; using System.IO; using System.Text; using System.Threading; using System.Threading.Tasks; using Kernmantle;");
        program.AppendLine("internal static class Program { private static void Main() { } ");
        int number = 0;
        foreach (string code in cases)
            program.AppendLine(CultureInfo.InvariantCulture, $"private static void Case{number++}() {{ using WorkerPool pool = WorkerPool.Processes(1); {code} }}");
        return program.Append('}').AppendLine().Append(Types).ToString();
    }

    /// <summary>The case that stands at a place of the program; −1 for none.</summary>
    public static int NumberAt(string program, int position)
    {
        int line = program.AsSpan(0, position).Count('\n') - 2;
        return line < 0 || !program.Split('\n')[line + 2].StartsWith("private static void Case", StringComparison.Ordinal) ? -1 : line;
    }

    private static string[] Arguments(params string[] types) => [.. types.Select(static t => $"pool.Run(static ({t} value) => 1, default({t})!);")];

    private static string[] Captured(params string[] values) => [.. values.Select(static v => $"var value = {v}; pool.Run(() => value.GetHashCode());")];
}
