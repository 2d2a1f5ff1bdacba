using Kernmantle.Python.Tests.Pools;

namespace Kernmantle.Python.Tests.Agent;

/// <summary>Code in a worker that breaks what the worker needs: its call ends typed, nothing hangs, and the pool goes on.</summary>
public sealed class HostileWorkerTests : PythonTests
{
    private const string FrameHead = "import struct, os, time\ndef frame(kind, ident, body=b''): return struct.pack('<IBq', len(body), kind, ident) + body\n";

    [Theory]
    [InlineData("kmtests:close_all")]
    [InlineData("kmtests:close_and_sleep", 3)]
    public async Task A_worker_that_closes_its_channel_ends(string function, params int[] descriptors)
    {
        await using PythonPool pool = Create();
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.CallAsync<object?>(function, PythonArguments.Of([.. descriptors.Cast<object?>()])).WaitAsync(Deadline));
        Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1).WaitAsync(Deadline));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_worker_without_one_of_its_descriptors_hangs_nobody(int descriptor)
    {
        await using PythonPool pool = Create();
        async Task Try(Func<Task> call)
        {
            try
            {
                await call().WaitAsync(Deadline);
            }
            catch (Exception e) when (e is PythonException or WorkerCrashedException)
            {
                // Told.
            }
        }

        await Try(() => pool.CallAsync<object?>("kmtests:close", descriptor));
        await Try(() => pool.CallAsync<double[]>("kmtests:same", new double[50_000]));
        await Try(() => pool.CallAsync<double[]>("kmtests:filled", 50_000, 1.0));
        await Try(() => pool.ExecAsync("print('text')"));
        await Try(() => pool.CallAsync<object?>("kmtests:exit_now", 1));
        Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1).WaitAsync(Deadline));
    }

    [Theory]
    [InlineData("os.urandom(4) + b'\\xfe' + os.urandom(95)")]   // of no kind: else it may be the head of a frame, whose body the host would wait for
    [InlineData("bytes(200)")]
    [InlineData("b'\\xff' * 100")]
    [InlineData("b'text that was meant for somebody else' * 3")]
    [InlineData("frame(34, 1 << 60, b'N')")]              // a result of a call it does not run
    [InlineData("frame(33, 5)")]
    [InlineData("frame(32, 0, b'\\1\\2')")]               // ready once more
    [InlineData("frame(1, 0, b'')")]                      // what only a host says
    [InlineData("frame(3, 0, b'')")]
    [InlineData("struct.pack('<IBq', 0xffffffff, 34, 1)")] // longer than allowed
    [InlineData("frame(41, 0, b'\\x09' + b'\\0' * 40)")]   // a log record of no level
    [InlineData("frame(41, 0, b'')")]
    public async Task What_is_no_frame_of_its_ends_the_worker_and_the_host_lives(string bytes)
    {
        await using PythonPool pool = Create();
        WorkerCrashedException failure = await Assert.ThrowsAsync<WorkerCrashedException>(() =>
            pool.ExecAsync($"{FrameHead}os.write(3, {bytes})\ntime.sleep(600)").WaitAsync(Deadline));
        Assert.Equal(CrashReason.ProtocolViolation, failure.Reason);
        Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1).WaitAsync(Deadline));
    }

    [Fact]
    public async Task The_end_of_a_worker_is_seen_though_a_child_holds_its_channel()
    {
        await using PythonPool pool = Create();
        int child = await pool.CallAsync<int>("kmtests:leave_a_child");
        try
        {
            Assert.Equal(4, (await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.CallAsync<int>("kmtests:exit_now", 4).WaitAsync(Deadline))).ExitCode);
            Assert.True(IsAlive(child));
            Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1).WaitAsync(Deadline));
        }
        finally
        {
            Kill(child);
        }
    }

    [Fact]
    public async Task A_forked_child_that_lives_on_does_not_hold_its_worker()
    {
        await using PythonPool pool = Create();
        int child = await pool.CallAsync<int>("kmtests:fork_and_die");
        try
        {
            Assert.Equal(4, (await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.CallAsync<int>("kmtests:exit_now", 4).WaitAsync(Deadline))).ExitCode);
            Assert.True(IsAlive(child));
        }
        finally
        {
            Kill(child);
        }
    }
}
