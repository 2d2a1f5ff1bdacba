using System.Linq.Expressions;
using Kernmantle.Functions;

namespace Kernmantle.Tests.Functions;

/// <summary>What travels of the variables that C# captures: a copy of what the function reads, and nothing else.</summary>
public sealed class CaptureTests
{
    [Fact]
    public void A_neighbours_stream_stays()
    {
        using var stream = new MemoryStream([1, 2, 3]);
        using var source = new CancellationTokenSource();
        int n = 4;
        Func<long> neighbour = () => stream.Length + (source.IsCancellationRequested ? 1 : 0);
        Assert.Equal(8, Crossing.Call(() => n * 2));
        Assert.Equal(3, neighbour());
    }

    [Fact]
    public void A_neighbours_stream_stays_when_the_function_is_asynchronous()
    {
        using var stream = new MemoryStream([1, 2, 3]);
        int n = 4;
        Func<long> neighbour = () => stream.Length;
        Assert.Equal(8, Crossing.CallTask(async () =>
        {
            await Task.Yield();
            return n * 2;
        }));
        Assert.Equal(3, neighbour());
    }

    [Fact]
    public void What_a_nested_lambda_reads_travels()
    {
        int n = 4;
        string text = "t";
        using var stream = new MemoryStream();
        Func<long> neighbour = () => stream.Length;
        Assert.Equal("t4t", Crossing.Call(() =>
        {
            Func<string> inner = () =>
            {
                Func<string> innermost = () => text + n;
                return innermost();
            };
            return inner() + text;
        }));
        Assert.Equal(0, neighbour());
    }

    [Fact]
    public void What_a_nested_asynchronous_lambda_reads_travels()
    {
        int n = 4;
        int m = 5;
        using var stream = new MemoryStream();
        Func<long> neighbour = () => stream.Length;
        Assert.Equal(29, Crossing.CallTask(async () =>
        {
            int local = n;
            Func<Task<int>> inner = async () =>
            {
                await Task.Yield();
                return local * m;
            };
            return await inner() + local + m;
        }));
        Assert.Equal(0, neighbour());
    }

    [Fact]
    public void Variables_of_scopes_within_scopes_travel()
    {
        int outer = 1;
        string result = "";
        for (int i = 0; i < 2; i++)
        {
            int middle = 10 * (i + 1);
            using var stream = new MemoryStream();
            Func<long> neighbour = () => stream.Length + middle + outer;
            foreach (int inner in new[] { 100, 200 })
            {
                result += Crossing.Call(() => outer + middle + inner) + " ";
                Assert.Equal(middle + outer, neighbour());
            }
        }
        Assert.Equal("111 211 121 221 ", result);
    }

    [Fact]
    public void Each_turn_of_a_loop_has_its_own_variable()
    {
        var functions = new List<Func<int>>();
        for (int i = 0; i < 3; i++)
        {
            int copy = i;
            functions.Add(() => copy);
        }
        Assert.Equal([0, 1, 2], functions.Select(Crossing.Call));
        Assert.Single(functions.Select(Crossing.FunctionOf).Distinct());
    }

    [Fact]
    public void Changes_in_the_worker_are_not_seen_here()
    {
        int n = 1;
        Assert.Equal(2, Crossing.Call(() => ++n));
        Assert.Equal(1, n);
        var list = new List<int> { 1 };
        Assert.Equal(2, Crossing.Call(() =>
        {
            list.Add(2);
            return list.Count;
        }));
        Assert.Single(list);
    }

    [Fact]
    public void Later_values_of_a_captured_variable_travel()
    {
        int n = 1;
        Func<int> read = () => n;
        Assert.Equal(1, Crossing.Call(read));
        n = 2;
        Assert.Equal(2, Crossing.Call(read));
    }

    [Fact]
    public void A_variable_that_is_only_written_stays()
    {
        Stream? stream = null;
        int n = 3;
        Assert.Equal(3, Crossing.Call(() =>
        {
            stream = Stream.Null;
            return n;
        }));
        Assert.Null(stream);
    }

    [Fact]
    public void A_variable_of_an_outer_scope_that_is_only_written_stays()
    {
        int outer = 1;
        for (int i = 0; i < 1; i++)
        {
            int inner = 5;
            Assert.Equal(5, Crossing.Call(() =>
            {
                outer = 7;
                return inner;
            }));
        }
        Assert.Equal(1, outer);
    }

    [Fact]
    public void The_compilers_own_delegate_caches_stay()
    {
        int n = 2;
        Assert.Equal(12, Crossing.Call(() =>
        {
            int sum = 0;
            for (int i = 0; i < 2; i++)
                sum += Enumerable.Range(1, 3).Sum(x => x * n) / 2;
            return sum;
        }));
    }

    [Fact]
    public void What_an_expression_tree_reads_travels()
    {
        int n = 4;
        Assert.Equal(8, Crossing.Call(() =>
        {
            Expression<Func<int>> tree = () => n * 2;
            return tree.Compile(preferInterpretation: true)();
        }));
    }

    [Fact]
    public void What_a_worker_keeps_of_a_call_holds_no_captured_value()
    {
        int n = 3;
        Func<int> read = () => n;
        Delegate free = DelegateFields.Unbind(read)!;
        Assert.Null(free.Target);
        Assert.Equal(3, ((Func<int>)DelegateFields.Bind(free, read.Target!))());
    }

    [Fact]
    public void Captures_of_generic_methods_travel()
    {
        Assert.Equal("1/System.Int32", Generic(1, new MemoryStream()));
        Assert.Equal("s/System.String", Generic("s", new MemoryStream()));
    }

    [Fact]
    public void Local_functions_that_share_a_closure_travel_without_their_neighbour()
    {
        int n = 3;
        using var stream = new MemoryStream();
        int Own() => n + Other();
        int Other() => n * 2;
        long Neighbour() => stream.Length + n;
        Func<int> own = Own;
        Func<int> other = Other;
        Func<long> neighbour = Neighbour;
        Assert.Equal(9, Crossing.Call(own));
        Assert.Equal(6, Crossing.Call(other));
        Assert.Equal(3, neighbour());
    }

    [Fact]
    public void A_portable_object_travels_as_this() => Assert.Equal("box 3", new Box { Name = "box" }.Run(3));

    [Fact]
    public void Tokens_and_progress_cross_as_links()
    {
        using var source = new CancellationTokenSource();
        CancellationToken token = source.Token;
        var seen = new List<int>();
        IProgress<int> progress = new Sink(seen);
        Func<bool> function = () =>
        {
            progress.Report(5);
            return token.CanBeCanceled;
        };
        Assert.True(Crossing.Call(function, new MirrorScope()));
        Assert.Equal([5], seen);
    }

    [Fact]
    public void Unset_variables_travel_as_null()
    {
        string? text = null;
        int? number = null;
        Func<bool> set = () => (text = "x") != null && (number = 1) != null;
        Assert.True(Crossing.Call(() => text is null && number is null));
        Assert.True(set());
    }

    [Fact]
    public void A_closure_whose_outer_scope_is_gone_fails_as_it_would_here()
    {
        int outer = 1;
        for (int i = 0; i < 1; i++)
        {
            int inner = 2;
            Func<int> both = () => outer + inner;
            Assert.Equal(3, Crossing.Call(both));
            object closure = both.Target!;
            System.Reflection.FieldInfo link = closure.GetType().GetFields().Single(static f => f.FieldType.Name.Contains("DisplayClass", StringComparison.Ordinal));
            link.SetValue(closure, null);
            Assert.Throws<NullReferenceException>(() => Crossing.Call(both));
        }
    }

    private static string Generic<T>(T value, Stream stream)
    {
        Func<long> neighbour = () => stream.Length;
        string result = Crossing.Call(() =>
        {
            Func<string> inner = () => $"{value}/{typeof(T)}";
            return inner();
        });
        Assert.Equal(0, neighbour());
        return result;
    }

    internal sealed class Box
    {
        public string Name { get; set; } = "";

        public string Run(int n)
        {
            Assert.Equal(Name, Crossing.Call(() => Name));   // only this: no closure at all
            return Crossing.Call(() => $"{Name} {n}");
        }
    }

    private sealed class Sink(List<int> seen) : IProgress<int>
    {
        public void Report(int value) => seen.Add(value);
    }
}
