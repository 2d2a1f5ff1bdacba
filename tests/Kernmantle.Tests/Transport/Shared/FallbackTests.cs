using Kernmantle.Tests.Logging;
using Kernmantle.Tests.Pools;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Tests.Transport.SharedMemory;

/// <summary>How a pool's transport is chosen.</summary>
[Collection(typeof(Alone))]
public sealed class FallbackTests
{
    private const string Variable = "KERNMANTLE_TRANSPORT";

    [Theory]
    [InlineData("socket")]
    [InlineData("shared-memory")]
    [InlineData("automatic")]
    [InlineData("")]
    public async Task Each_value_of_the_variable_works(string value)
    {
        using var variable = new Set(value);
        await using WorkerPool pool = WorkerPool.Processes(1);
        Assert.Equal(value != "socket", await pool.RunAsync(HasRings));
    }

    [Theory]
    [InlineData("sockets")]
    [InlineData("SharedMemory")]
    [InlineData(" socket")]
    public void An_unknown_value_of_the_variable_is_told_by_name(string value)
    {
        using var variable = new Set(value);
        InvalidOperationException failure = Assert.Throws<InvalidOperationException>(static () => WorkerPool.Processes(1));
        Assert.Contains(Variable, failure.Message, StringComparison.Ordinal);
        Assert.Contains($"'{value}'", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(WorkerTransport.Socket, "shared-memory", false)]
    [InlineData(WorkerTransport.SharedMemory, "socket", true)]
    [InlineData(WorkerTransport.Socket, "nonsense", false)]
    public async Task The_option_goes_before_the_variable(WorkerTransport option, string value, bool rings)
    {
        using var variable = new Set(value);
        var log = new ListFactory();
        await using (WorkerPool pool = WorkerPool.Processes(1, new ProcessPoolOptions { Transport = option, LoggerFactory = log }))
        {
            Assert.Equal(rings, await pool.RunAsync(HasRings));
            Assert.Equal(3, pool.Run(static (int a, int b) => a + b, 1, 2));
        }
        Assert.DoesNotContain(log.Entries, static e => e.Level >= LogLevel.Warning);
    }

    public static TheoryData<ProcessPoolOptions, string> WrongOptions => new()
    {
        { new() { Transport = (WorkerTransport)3 }, nameof(ProcessPoolOptions.Transport) },
        { new() { Transport = (WorkerTransport)(-1) }, nameof(ProcessPoolOptions.Transport) },
        { new() { RingBytes = 0 }, nameof(ProcessPoolOptions.RingBytes) },
        { new() { RingBytes = 32 << 10 }, nameof(ProcessPoolOptions.RingBytes) },
        { new() { RingBytes = 100_000 }, nameof(ProcessPoolOptions.RingBytes) },
        { new() { RingBytes = 128 << 20 }, nameof(ProcessPoolOptions.RingBytes) },
        { new() { RingBytes = int.MinValue }, nameof(ProcessPoolOptions.RingBytes) },
        { new() { SpinBudget = TimeSpan.FromTicks(-1) }, nameof(ProcessPoolOptions.SpinBudget) },
        { new() { SpinBudget = TimeSpan.FromMilliseconds(11) }, nameof(ProcessPoolOptions.SpinBudget) },
    };

    [Theory]
    [MemberData(nameof(WrongOptions), DisableDiscoveryEnumeration = true)]
    public void An_option_out_of_range_is_told_by_name(ProcessPoolOptions options, string name) =>
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => WorkerPool.Processes(1, options)).ParamName);

    [Theory]
    [InlineData(64 << 10, 0)]
    [InlineData(64 << 10, 10)]
    [InlineData(64 << 20, 10)]
    public async Task The_ends_of_the_ranges_work(int ring, int milliseconds)
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new ProcessPoolOptions { Transport = WorkerTransport.SharedMemory, RingBytes = ring, SpinBudget = TimeSpan.FromMilliseconds(milliseconds) });
        byte[] large = Bodies.Random(new Random(1), (ring / 2) + 1);
        for (int i = 0; i < 20; i++)
            Assert.Equal(i + 1, pool.Run(static (int a, int b) => a + b, i, 1));
        Assert.True(pool.Run(static (byte[] bytes) => bytes, large).AsSpan().SequenceEqual(large));
    }

    private static bool HasRings() => File.ReadAllText("/proc/self/maps").Contains("kernmantle-rings", StringComparison.Ordinal);

    /// <summary>Of this process, so that nothing else may run meanwhile.</summary>
    private sealed class Set : IDisposable
    {
        private readonly string? before = Environment.GetEnvironmentVariable(Variable);

        public Set(string value) => Environment.SetEnvironmentVariable(Variable, value);

        public void Dispose() => Environment.SetEnvironmentVariable(Variable, before);
    }
}
