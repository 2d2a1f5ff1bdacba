using System.Globalization;
using Kernmantle.Functions;
using Xunit;

namespace Kernmantle.Tests.Functions;

/// <summary>Signatures that a worker makes without reflection do what all others do.</summary>
public sealed class CommonSignatureTests
{
    private static readonly FunctionShape Void = Crossing.Plain with { IsVoid = true };

    [Fact]
    public void Without_arguments()
    {
        int captured = 3;
        Assert.Equal(3, Crossing.Call(() => captured));
        Assert.Equal("3", Crossing.Call(() => captured.ToString(CultureInfo.InvariantCulture)));
        Assert.Equal(3L, Crossing.Call(() => (long)captured));
        Assert.Equal(1.5, Crossing.Call(() => captured / 2.0));
        Assert.True(Crossing.Call(() => captured == 3));
        Assert.Equal([3], Crossing.Call(() => new[] { (byte)captured }));
        Assert.Null(Crossing.Call(static () => (string?)null));
        Crossing.CallVoid(static () => { });
    }

    [Fact]
    public void With_an_integer() => Each(41, static a => a);

    [Fact]
    public void With_a_long() => Each(41L, static a => (int)a);

    [Fact]
    public void With_a_number() => Each(41.0, static a => (int)a);

    [Fact]
    public void With_a_string() => Each("41", static a => int.Parse(a, CultureInfo.InvariantCulture));

    [Fact]
    public void With_bytes() => Each<byte[]>([41], static a => a[0]);

    [Fact]
    public void They_are_made_directly_and_others_are_not()
    {
        Assert.Contains("OneArg", MadeFor(static (int a) => a), StringComparison.Ordinal);
        Assert.Contains("NoArgs", MadeFor(static () => "a"), StringComparison.Ordinal);
        Assert.Contains("ValueTuple", MadeFor(static (int a) => (short)a), StringComparison.Ordinal);
        Assert.Contains("ValueTuple", MadeFor(static (float a) => 1), StringComparison.Ordinal);
        Assert.Contains("ValueTuple", MadeFor(static (int a, int b) => a), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_s_own_method_and_what_it_throws_cross_as_well()
    {
        Assert.Equal("a", Crossing.Call<string>(" a ".Trim));
        InvalidOperationException thrown = await Assert.ThrowsAsync<InvalidOperationException>(
            static () => Crossing.Run<ValueTuple<int>, int>((Func<int, int>)(static a => throw new InvalidOperationException($"no {a}")), Crossing.Plain, new(2), new() { Foreign = true }));
        Assert.Equal("no 2", thrown.Message);
    }

    private static void Each<T>(T argument, Func<T, int> number)
    {
        int captured = 1;
        Assert.Equal(41, Crossing.Call(number, argument));
        Assert.Equal(1, Crossing.Call((T a) => captured, argument));
        Assert.Equal("a", Crossing.Call(static (T a) => "a", argument));
        Assert.Equal(7L, Crossing.Call(static (T a) => 7L, argument));
        Assert.Equal(7.5, Crossing.Call(static (T a) => 7.5, argument));
        Assert.True(Crossing.Call(static (T a) => a is not null, argument));
        Assert.Equal([1, 2], Crossing.Call(static (T a) => new byte[] { 1, 2 }, argument));
        Crossing.Both<ValueTuple<T>, Unit>(static (T a) => { }, Void, new(argument));
    }

    private static string MadeFor(Delegate function) => WorkerFunction.Resolve(Function.Of(function, Crossing.Plain).Descriptor.Span).GetType().ToString();
}
