using Kernmantle.Python.Tests.Interpreters;

namespace Kernmantle.Python.Tests.Values;

/// <summary>C# values without a Python counterpart, and Python values that do not fit: named by their path.</summary>
[Interpreter("python3")]
public sealed class RefusalTests
{
    private sealed record Job(string Name, List<Step> Steps);

    private sealed record Step(Dictionary<string, object?> Arguments);

    private sealed class Node
    {
        public Node? Next { get; set; }
    }

    private sealed class Failing
    {
        public int Value { get => field > 0 ? field : throw new InvalidOperationException("not now"); set; }
    }

    private sealed class Nothing;

    private sealed class Twins
    {
        public int URL { get; } = 1;

        public int Url { get; } = 2;
    }


    private sealed class Spans
    {
        private readonly byte[] data = [];

        public Span<byte> Bytes => data;
    }

    private static async IAsyncEnumerable<int> Later()
    {
        await Task.Yield();
        yield return 1;
    }

    public static TheoryData<string> Refused => [.. Values().Select(static v => v.GetType().Name)];

    private static IEnumerable<object> Values() =>
    [
        () => 1, new MemoryStream(), new StringReader(""), Task.CompletedTask, Task.FromResult(1), new ValueTask<int>(1), new ValueTask(), new InvalidOperationException(), typeof(int),
        new Uri("http://localhost"), new FileInfo("/tmp"), (nint)1, (nuint)1, CancellationToken.None, new CallOptions(), PythonArguments.None, new ManualResetEvent(false), new object(), new Nothing(), new Twins(),
        new Failing(), new Spans(), Later(), new Progress<int>(), new int[1, 1, 1, 1], new string[1, 1], ValueTuple.Create(),
        new Dictionary<List<string>, int> { [["a"]] = 1 }, new HashSet<Job> { new("a", []) }, new HashSet<List<string>> { new() },
    ];

    [Theory]
    [MemberData(nameof(Refused))]
    public void Each_is_refused_with_a_remedy(string name)
    {
        foreach (object value in Values().Where(v => v.GetType().Name == name))
        {
            NotPortableException refused = Assert.Throws<NotPortableException>(() => Wire.Write<object>(value));
            Assert.NotEmpty(refused.Remedy);
            Assert.NotEmpty(refused.Subject);
            Assert.Throws<NotPortableException>(() => Wire.Write<object[]>([value]));
        }
    }

    [Fact]
    public void The_path_of_a_refused_value_is_named()
    {
        var job = new Job("a", [new([]), new(new() { ["call"] = (1, new Func<int>(static () => 1)) })]);
        Assert.Equal("Job.Steps[1].Arguments[\"call\"].Item2 (Func<Int32>)", Assert.Throws<NotPortableException>(() => Wire.Write(job)).Subject);
        Assert.Equal("Func<Int32>", Assert.Throws<NotPortableException>(() => Wire.Write<Func<int>>(static () => 1)).Subject);
        Assert.IsType<InvalidOperationException>(Assert.Throws<NotPortableException>(() => Wire.Write(new Failing())).InnerException);
        Assert.Equal("None", Wire.Shown<Func<int>?>(null));
    }

    [Fact]
    public void Cycles_and_great_depth_are_refused()
    {
        var node = new Node();
        node.Next = node;
        Assert.StartsWith("Node.Next.Next", Assert.Throws<NotPortableException>(() => Wire.Write(node)).Subject, StringComparison.Ordinal);
        List<object> list = [];
        list.Add(list);
        Assert.True(Assert.Throws<NotPortableException>(() => Wire.Write<object>(list)).Subject.Length < 500);
        object nested = 1;
        for (int i = 0; i < 1000; i++)
            nested = new List<object> { nested };
        Assert.Equal(Wire.Write(nested), PythonChild.Get().Load(Wire.Write(nested)).Dumped);
        Assert.IsType<List<object?>>(Wire.ThroughPython(nested));
        Assert.Throws<NotPortableException>(() => Wire.Write<object>(new List<object> { nested }));
    }

    [Fact]
    public void A_mismatch_names_path_and_types()
    {
        var mismatch = Wire.Mismatch<Dictionary<string, List<(int, string)>>>("{'a': [(1, 'x'), (2, 3.5)]}");
        Assert.Equal(("[\"a\"][1][1]", "float", typeof(string)), (mismatch.Path, mismatch.PythonType, mismatch.Wanted));
        Assert.Contains("[\"a\"][1][1]", mismatch.Message, StringComparison.Ordinal);
        Assert.Contains("float", mismatch.Message, StringComparison.Ordinal);
        Assert.Contains("String", mismatch.Message, StringComparison.Ordinal);
        Assert.Equal(".steps[0].arguments", Wire.Mismatch<Job>("{'name': 'n', 'steps': [{'arguments': [1]}]}").Path);
        Assert.Equal("Point", Wire.Mismatch<int>("(..., 'record', 'Point', {'x': 1})").PythonType);
        Assert.Equal("socket.socket", Wire.Mismatch<int>("(..., 'other', 'socket.socket', '<>')").PythonType);
        Assert.Equal("NoneType", Wire.Mismatch<int>("None").PythonType);
        Assert.Equal(".keys()", Wire.Mismatch<Dictionary<int, int>>("{'a': 1}").Path);
        foreach ((Action read, string shown) in ((Action, string)[])
        [
            (() => Wire.Mismatch<int>("1.0"), "float to int"), (() => Wire.Mismatch<bool>("1"), "int to bool"), (() => Wire.Mismatch<int>("True"), "bool to int"),
            (() => Wire.Mismatch<string>("b'a'"), "bytes to string"), (() => Wire.Mismatch<byte[]>("'a'"), "str to bytes"), (() => Wire.Mismatch<double>("'1'"), "str to double"),
            (() => Wire.Mismatch<float>("1e300"), "too large for float"), (() => Wire.Mismatch<double>("10 ** 400"), "too large for double"), (() => Wire.Mismatch<decimal>("10 ** 30"), "too large for decimal"),
            (() => Wire.Mismatch<List<int>>("{1: 2}"), "dict to list"), (() => Wire.Mismatch<int[]>("'a'"), "str to array"), (() => Wire.Mismatch<Stream>("b'a'"), "bytes to stream"),
            (() => Wire.Mismatch<IComparable>("1"), "int to interface"), (() => Wire.Mismatch<SortedSet<object>>("[1, 'a']"), "what cannot be compared"),
            (() => Wire.Mismatch<System.Text.Json.JsonElement>("1 << 100000"), "large int to JSON"), (() => Wire.Mismatch<Dictionary<System.Numerics.BigInteger, int>>("{1 << 100000: 'a'}"), "large key"),
        ])
        {
            Assert.True(Record.Exception(read) is null, shown);
        }
    }
}
