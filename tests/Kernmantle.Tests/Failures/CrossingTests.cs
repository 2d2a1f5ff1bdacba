using Kernmantle.Victim;

namespace Kernmantle.Tests.Failures;

/// <summary>What cannot cross, in either direction, fails that call only.</summary>
public sealed class CrossingTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    public class Animal
    {
        public string Name { get; set; } = "";
    }

    public sealed class Dog : Animal
    {
        public int Bones { get; set; }
    }

    [Fact]
    public async Task An_exception_that_cannot_be_serialized_arrives_as_text()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        RemoteException failure = await Assert.ThrowsAsync<RemoteException>(() => pool.RunAsync(Misdeeds.ThrowUnspeakable).WaitAsync(Deadline));
        Assert.Equal(typeof(UnspeakableException).FullName, failure.TypeName);
        Assert.Contains(nameof(NotSupportedException), failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task A_result_that_cannot_cross_fails_its_call_only()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        NotPortableException failure = await Assert.ThrowsAsync<NotPortableException>(() =>
            pool.RunAsync(static () => (Animal)new Dog { Name = "Rex", Bones = 3 }).WaitAsync(Deadline));
        Assert.Contains(nameof(Dog), failure.Subject, StringComparison.Ordinal);
        Assert.NotEmpty(failure.Remedy);
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task A_captured_variable_that_cannot_cross_is_named_before_anything_is_sent()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        using var theStream = new MemoryStream();
        NotPortableException failure = await Assert.ThrowsAsync<NotPortableException>(() => pool.RunAsync(() => theStream.Length));
        Assert.Contains("theStream", failure.Subject, StringComparison.Ordinal);
        Assert.Equal(0, pool.Statistics.Running);
    }

    [Fact]
    public async Task An_argument_that_is_too_large_is_told_with_size_and_limit()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { MaxPayloadBytes = 4096 });
        PayloadTooLargeException failure = await Assert.ThrowsAsync<PayloadTooLargeException>(() => pool.RunAsync(static b => b.Length, new byte[10_000]));
        Assert.True(failure.SizeBytes > 10_000 && failure.LimitBytes == 4096);
        failure = await Assert.ThrowsAsync<PayloadTooLargeException>(() => pool.RunAsync(static n => new byte[n], 10_000).WaitAsync(Deadline));
        Assert.Equal(4096, failure.LimitBytes);
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_worker_that_dies_at_its_start_breaks_the_pool_with_the_cause()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { OnWorkerStart = Misdeeds.ExitSeven, RestartLimit = 2 });
        Task<int> call = pool.RunAsync(static () => 1);
        PoolBrokenException broken = await Assert.ThrowsAsync<PoolBrokenException>(() => call.WaitAsync(Deadline));
        WorkerCrashedException cause = Assert.IsType<WorkerCrashedException>(broken.InnerException);
        Assert.Equal((CrashReason.DiedAtStart, (int?)7, 3), (cause.Reason, cause.ExitCode, broken.Restarts));
        await Assert.ThrowsAsync<PoolBrokenException>(() => pool.RunAsync(static () => 1));
        await Assert.ThrowsAsync<PoolBrokenException>(() => pool.StartAsync());
    }

    [Fact]
    public async Task An_initializer_that_throws_breaks_the_pool_with_what_it_threw()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { OnWorkerStart = (Action)(static () => throw new FormatException("no")), RestartLimit = 0 });
        PoolBrokenException broken = await Assert.ThrowsAsync<PoolBrokenException>(() => pool.StartAsync().WaitAsync(Deadline));
        Assert.Equal("System.FormatException", Assert.IsType<RemoteException>(broken.InnerException).TypeName);
        Assert.Contains("OnWorkerStart failed with System.FormatException: no", broken.Message, StringComparison.Ordinal);
    }
}
