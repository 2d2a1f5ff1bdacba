using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.ComponentModel;
using System.Runtime.InteropServices;
using Kernmantle.Platform.Linux;

namespace Kernmantle.Host.Launch.Spawning;

/// <summary>One thread that waits for the end of every child and reaps it at once. It sleeps while none ends.</summary>
internal static unsafe class Reaper
{
    private const int Add = 1;
    private const int Remove = 2;
    private const uint Readable = 1;
    private const int Interrupted = 4;
    private const int Batch = 32;

    /// <summary>struct epoll_event is packed on x64 only.</summary>
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int DataOffset = EventSize - sizeof(long);

    private static readonly ConcurrentDictionary<int, SpawnedProcess> Living = new();
    private static readonly Lazy<int> Queue = new(Create);

    /// <summary>False, with the error, if the system refused.</summary>
    public static bool TryWatch(SpawnedProcess process, out int error)
    {
        int queue = Queue.Value;
        Living[process.Id] = process;
        byte* ready = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(new(ready, 4), Readable);
        BinaryPrimitives.WriteInt64LittleEndian(new(ready + DataOffset, 8), process.Id);
        error = LibC.EpollControl(queue, Add, process.Descriptor, ready) == 0 ? 0 : Marshal.GetLastPInvokeError();
        if (error != 0)
            Living.TryRemove(process.Id, out _);
        return error == 0;
    }

    private static int Create()
    {
        int queue = LibC.EpollCreate(LibC.CloseOnExec);
        if (queue < 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "epoll_create1");
        new Thread(() => Run(queue), 256 * 1024) { IsBackground = true, Name = "Kernmantle reaper" }.UnsafeStart();
        return queue;
    }

    private static void Run(int queue)
    {
        byte* events = stackalloc byte[Batch * 16];
        while (true)
        {
            int count = LibC.EpollWait(queue, events, Batch, -1);
            if (count < 0 && Marshal.GetLastPInvokeError() is int error and not Interrupted)
                throw new Win32Exception(error, "epoll_wait");
            for (int i = 0; i < count; i++)
                Reap(queue, (int)BinaryPrimitives.ReadInt64LittleEndian(new(events + (i * EventSize) + DataOffset, 8)));
        }
    }

    /// <summary>Out of the queue and the table first: after the reaping, the number may name a new child.</summary>
    private static void Reap(int queue, int processId)
    {
        if (!Living.TryRemove(processId, out SpawnedProcess? process))
            return;
        byte* unused = stackalloc byte[16];
        _ = LibC.EpollControl(queue, Remove, process.Descriptor, unused);
        process.Reap();
    }
}
