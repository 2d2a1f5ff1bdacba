// A program that the script publishes in several forms. It says itself whether its worker was another process, and whether all that may cross does: a
// trimmer must not have taken away what nobody but a worker looks for.
using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.CompilerServices;
using Kernmantle;

await using WorkerPool pool = WorkerPool.Processes(1, new() { RestartLimit = int.MaxValue });
int right = 0;
var wrong = new List<string>();

Answer answer = await pool.RunAsync(static name => new Answer(Environment.ProcessId, name, [1, 2, 3]), "published");
Is(answer.Process != Environment.ProcessId && answer is { Name: "published", Numbers: [1, 2, 3] }, "another process");

Item[] items = [new("a", 1), new("b", 2)];
Dictionary<string, int> numbers = new() { ["one"] = 1, ["two"] = 2 };
await CrossesAsync(items, static v => string.Join(',', v.Select(static i => i.ToString())));
await CrossesAsync(new Parcel { Label = "p", Items = [.. items], Weight = 2.5m, Sent = new DateOnly(2024, 2, 29) }, Parcel.Text);
await CrossesAsync(new Pair<Item, int?>(items[0], null), static v => v.ToString());
await CrossesAsync(new Point(1, 2), static v => v.ToString());
await CrossesAsync(Node.Cycle(), static v => $"{v.Name}{v.Next!.Name}{ReferenceEquals(v, v.Next.Next)}");
await CrossesAsync(new WriteOnly { Number = 7, Text = "t" }, WriteOnly.Read);
await CrossesAsync(new List<Item>(items), Sequence);
await CrossesAsync(new List<string?> { "a", null }, Sequence);
await CrossesAsync(new HashSet<string> { "a", "b" }, Sequence);
await CrossesAsync(new SortedSet<int> { 2, 1 }, Sequence);
await CrossesAsync(numbers, Sequence);
await CrossesAsync(new Dictionary<int, Item> { [1] = items[0] }, Sequence);
await CrossesAsync(new SortedDictionary<string, int>(numbers), Sequence);
await CrossesAsync(ImmutableArray.Create(1, 2), static v => Sequence(v));
await CrossesAsync(ImmutableArray.Create(items), static v => Sequence(v));
await CrossesAsync(ImmutableList.Create("a", "b"), Sequence);
await CrossesAsync(ImmutableHashSet.Create(1, 2), Sequence);
await CrossesAsync(ImmutableSortedSet.Create("a", "b"), Sequence);
await CrossesAsync(ImmutableQueue.Create(1, 2), Sequence);
await CrossesAsync(numbers.ToImmutableDictionary(), Sequence);
await CrossesAsync(numbers.ToImmutableSortedDictionary(), Sequence);
await CrossesAsync<IEnumerable<Item>>(items, Sequence);
await CrossesAsync<ICollection<int>>([1, 2], Sequence);
await CrossesAsync<IList<string>>(["a"], Sequence);
await CrossesAsync<IReadOnlyCollection<long>>([1, 2], Sequence);
await CrossesAsync<IReadOnlyList<Item>>(items, Sequence);
await CrossesAsync<IDictionary<string, int>>(numbers, Sequence);
await CrossesAsync<IReadOnlyDictionary<string, int>>(numbers, Sequence);
await CrossesAsync((1, "a", items[0]), static v => v.ToString());
await CrossesAsync(Tuple.Create(1, "a", items[1]), static v => v.ToString()!);
await CrossesAsync(KeyValuePair.Create("k", items[0]), static v => v.ToString());
await CrossesAsync<Version>(new(1, 2, 3), static v => v.ToString());
await CrossesAsync<Uri>(new("http://example.org/a?b=c"), static v => v.ToString());
await CrossesAsync(BigInteger.Pow(7, 70), static v => v.ToString());
await CrossesAsync<DateTime>(new(2024, 2, 29, 1, 2, 3, DateTimeKind.Utc), static v => $"{v:O}");
await CrossesAsync<DateTimeOffset>(new(2024, 2, 29, 1, 2, 3, TimeSpan.FromHours(2)), static v => $"{v:O}");
await CrossesAsync(Guid.NewGuid(), static v => v.ToString());
await CrossesAsync<(decimal, DayOfWeek?, Half, Int128, TimeOnly)>((1.5m, DayOfWeek.Friday, (Half)1.5, Int128.MaxValue, new(1, 2)), static v => v.ToString());
await CrossesAsync(new double[] { 1, 2 }.AsMemory(), static v => Sequence(v.ToArray()));
await CrossesAsync(new ArraySegment<int>([1, 2, 3], 1, 2), static v => Sequence(v));
await CrossesAsync(new int[][] { [1], [2, 3] }, static v => string.Join(';', v.Select(Sequence)));

int factor = 3;
Item captured = items[1];
Is(await pool.RunAsync(n => captured with { Count = n * factor }, 14) == captured with { Count = 42 }, "captured variables");
await using (Remote<Counter> counter = await pool.CreateAsync(static start => new Counter(start), 40))
{
    await counter.CallAsync(static c => c.Next());
    Is(await counter.CallAsync(static c => c.Next()) == 42, "an object that stays");
}
int sum = 0;
await foreach (MapResult<Item, Item> item in pool.MapAsync(static i => i with { Count = i.Count * 2 }, items))
    sum += item.Value.Count;
Is(sum == 6, "a map");
await foreach (Item item in pool.StreamAsync(static n => Items(n), 3))
    sum += item.Count;
Is(sum == 9, "a stream");
using (SharedBuffer<int> buffer = SharedBuffer.Allocate<int>(4, pool))
{
    await pool.RunAsync(static b => { b.Span[3] = 5; }, buffer);
    Is(buffer.Span[3] == 5, "shared memory");
}
try
{
    await pool.RunAsync(static () => throw new InvalidOperationException("outer", new FormatException("inner")));
}
catch (RemoteException e)
{
    Is(e.TypeName == "System.InvalidOperationException" && e.Message.Contains("outer", StringComparison.Ordinal) && e.InnerException?.Message.Contains("inner", StringComparison.Ordinal) == true, "an exception");
}
try
{
    await pool.RunAsync(static () => Environment.FailFast("on purpose"));
}
catch (WorkerCrashedException e)
{
    Is(e.Message.Contains("on purpose", StringComparison.Ordinal), "a crash");
}
try
{
#pragma warning disable KM0011   // what the analyzer has said is said again when it runs
    await pool.RunAsync(static v => v.Text, new Hidden());
#pragma warning restore KM0011
}
catch (NotPortableException e)
{
    Is(e.Message.Contains("secret", StringComparison.Ordinal), "a refusal");
}
foreach (string each in wrong)
    Console.WriteLine($"wrong: {each}");
Console.WriteLine($"{right} right");
return wrong.Count == 0 && right == 50 ? 0 : 1;

void Is(bool fact, string what)
{
    if (fact)
        right++;
    else
        wrong.Add(what);
}

async Task CrossesAsync<T>(T value, Func<T, string> text, [CallerArgumentExpression(nameof(value))] string what = "")
{
    try
    {
        T back = await pool.RunAsync(static v => v, value);
        Is(text(back) == text(value), $"{what}: {text(back)}");
    }
    catch (WorkerException e)
    {
        wrong.Add($"{what}: {e.Message}");
    }
}

static string Sequence<T>(IEnumerable<T> values) => string.Join(',', values.Select(static v => v?.ToString()).Order(StringComparer.Ordinal));

static async IAsyncEnumerable<Item> Items(int count)
{
    for (int i = 0; i < count; i++)
    {
        await Task.Yield();
        yield return new Item("s", 1);
    }
}

internal sealed record Answer(int Process, string Name, int[] Numbers);

internal sealed record Item(string Name, int Count);

internal sealed record Pair<TFirst, TSecond>(TFirst First, TSecond Second);

internal readonly record struct Point(int X, int Y);

internal sealed class Parcel
{
    public string? Label { get; set; }

    public List<Item> Items { get; init; } = [];

    public decimal Weight;

    public DateOnly? Sent { get; set; }

    public static string Text(Parcel p) => $"{p.Label} {string.Join(',', p.Items)} {p.Weight} {p.Sent:O}";
}

/// <summary>Nobody reads its number: a trimmer would take the getter away.</summary>
internal sealed class WriteOnly
{
    public int Number { get; set; }

    public string? Text { get; set; }

    public static string Read(WriteOnly w) => w.Text!;
}

internal sealed class Node
{
    public string? Name { get; set; }

    public Node? Next { get; set; }

    public static Node Cycle()
    {
        Node first = new() { Name = "a" }, second = new() { Name = "b", Next = first };
        first.Next = second;
        return first;
    }
}

internal sealed class Hidden
{
    private readonly string secret = Environment.MachineName;

    public string Text => secret;
}

internal sealed class Counter(int start)
{
    private int value = start;

    public int Next() => ++value;
}
