using System.ComponentModel;
using System.Net.Sockets;
using Kernmantle.Functions;
using Kernmantle.Host.Lane;
using Kernmantle.Host.Launch;
using Kernmantle.Logging;
using Kernmantle.Platform.Linux;
using Kernmantle.Python.Agent;
using Kernmantle.Python.Calls;
using Kernmantle.Python.Memory;
using Kernmantle.Python.Sharing;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Kernmantle.Wire.Shared;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Python.Workers;

/// <summary>How the agent is spoken to: Agent/PROTOCOL.md.</summary>
internal sealed class PythonDialect(PythonSettings settings) : LinkDialect
{
    private const int Version = 1;
    private const int Interrupted = 2;   // SIGINT
    private const int Urged = 23;   // SIGURG: nobody's, and ignored where nobody asked for it
    private const int WordsBytes = 4096;
    private const int WordCount = 3;

    /// <summary>So many messages fit the socket beside those of one call, whether they are read or not.</summary>
    private const int MostUnread = 50;

    private readonly HashSet<int> handedOver = [];
    private StackReport? stacks;
    private readonly PythonMemory words = new(0, WordsBytes);
    private readonly long[] lastWords = new long[WordCount];
    private readonly Lock wordsGate = new();
    private readonly Lock gate = new();
    private ObjectLink? objects;
    private (int Id, string Name) worker;
    private bool wordsAreGone;
    private WorkerProcess? process;
    private int removals;
    private int unreadDrops;

    public override void Connect(WorkerProcess process)
    {
        this.process = process;
        using var stream = new Socket(new SafeSocketHandle(process.Files!.DangerousGetHandle(), ownsHandle: false));
        byte[] agent = AgentCode.For(settings);
        try
        {
            stream.Send(BitConverter.GetBytes(agent.Length));
            stream.Send(agent);
        }
        catch (SocketException)
        {
            return;   // it has ended already: its death says why
        }
        if (settings.Interpreter.Agent == AgentSource.Jython)
            return;   // which maps none
        HandOverStacks();
        HandOver(words);   // the last of what it waits for
    }

    public override void WriteHello(ref PayloadWriter writer, string name, int id)
    {
        worker = (id, name);
        PythonPoolOptions options = settings.Options;
        writer.WriteInt32(Version);
        writer.WriteInt64(options.MaxPayloadBytes);
        writer.WriteInt32(options.FrameWindow);
        writer.WriteByte((byte)options.Arrays);
        writer.WriteByte(options.LogFull == LogFullMode.Drop ? (byte)1 : (byte)0);
        writer.WriteInt32(options.ModulePaths.Count);
        foreach (string path in options.ModulePaths)
            writer.WriteString(Path.GetFullPath(path));
        writer.WriteString(options.Setup);
    }

    public override int ReadReady(ref PayloadReader reader)
    {
        int id = reader.ReadInt32();
        string version = reader.ReadString() ?? "";
        string implementation = reader.ReadString() ?? "";
        string executable = reader.ReadString() ?? "";
        bool hasLock = reader.ReadByte() != 0, hasThreads = reader.ReadByte() != 0;
        if (!System.Version.TryParse(version, out Version? parsed))
            throw new InvalidPayloadException($"A Python version '{version}'.");
        settings.OnInterpreter(new(executable, parsed, implementation, hasLock, hasThreads));
        return id;
    }

    public override LogRecord ReadLog(ref PayloadReader reader)
    {
        var level = (LogLevel)reader.ReadByte();
        if (level is < LogLevel.Trace or > LogLevel.Critical)
            throw new InvalidPayloadException($"A log level {(int)level}.");
        double seconds = BitConverter.Int64BitsToDouble(reader.ReadInt64());
        if (!(seconds >= 0 && seconds < 250_000_000_000))
            throw new InvalidPayloadException($"A log record of time {seconds}.");
        int threadId = reader.ReadInt32();
        string? thread = reader.ReadString();
        string category = reader.ReadString() ?? "";
        return new(level, DateTime.UnixEpoch.AddSeconds(seconds), threadId, default, category, reader.ReadString() ?? "", reader.ReadString(), thread ?? "");
    }

    public override void Lend(Call call)
    {
        if (settings.Memory.Removals is { } now && now != removals)
            Forget(now);
        foreach (PythonMemory memory in ((IPythonCall)call).Memory.Pieces)
            HandOver(memory);
        HandOver(((IPythonCall)call).Memory.Objects);
    }

    public override bool TakesTraces => settings.Interpreter.Agent != AgentSource.Jython;

    public override bool HasBegun(Call call) => Word(0) == call.Id;

    /// <summary>A thread of the agent's always takes frames: it needs no signals, which a JVM would take for the end.</summary>
    private bool HasThreads => settings.Interpreter.Agent.HasThreads;

    public override void Interrupt() => Signal(Interrupted);

    public override void InterruptAgain() => Signal(Urged);

    public override bool HasTaken(long cancellations) => HasThreads || Word(1) >= cancellations;

    private void Signal(int signal)
    {
        if (!HasThreads)
            process?.Signal(signal);
    }

    public override bool GivesStacks => stacks is not null && Word(2) != 0;

    public override Task<string?> TakeStacksAsync(TimeSpan budget) => stacks!.TakeAsync(process!, budget);

    public override WorkerException FailureOf(RemoteFailure failure, Call? call) => failure.TypeName == "kernmantle:missing"
        ? new PythonFunctionNotFoundException(failure.Message)
        : new PythonException(failure);

    public override void OnMemory(FrameKind kind, Call call, ref PayloadReader reader)
    {
        CallMemory memory = ((IPythonCall)call).Memory;
        if (kind == FrameKind.MemoryKept)
        {
            int id = reader.ReadInt32();
            memory.Keep(id);
            lock (gate)
                handedOver.Remove(id);
            return;
        }
        ControlMessage answer = memory.TryGrant(reader.ReadInt64()) is { } granted ? new(ControlKind.Granted, granted.Id, granted.Length) : new(ControlKind.BufferRefused);
        lock (gate)
        {
            unreadDrops = 0;
            if (ControlChannel.TrySend(process!.Files!, answer, memory.FileOf(answer.Id)) && answer.Kind == ControlKind.Granted)
                handedOver.Add(answer.Id);
        }
    }

    public override void OnObjectDropped(ref PayloadReader reader)
    {
        if (objects is not { } link)
            throw new ProtocolViolationException("an object dropped that it was not handed");
        link.Drop(reader.ReadInt32(), reader.ReadInt32());
    }

    public override string? Violation => objects?.Violation;

    public override Task OnEndedAsync(ProcessEnd end) => objects?.EndAsync(end) ?? Task.CompletedTask;

    /// <summary>The worker is dead. What its words said last is asked for afterwards too, when its calls are concluded.</summary>
    public override void Dispose()
    {
        lock (wordsGate)
        {
            if (wordsAreGone)
                return;
            for (int index = 0; index < WordCount; index++)
                lastWords[index] = ReadWord(index);
            wordsAreGone = true;
            words.Dispose();
            stacks?.Dispose();
        }
    }

    private long Word(int index)
    {
        lock (wordsGate)
            return wordsAreGone ? lastWords[index] : ReadWord(index);
    }

    private unsafe long ReadWord(int index) => Volatile.Read(ref ((long*)words.Start)[index]);

    /// <summary>What the host has given back to the system, the worker shall not hold either.</summary>
    private void Forget(int now)
    {
        lock (gate)
        {
            removals = now;
            foreach (int id in settings.Memory.Gone(handedOver.Where(static id => id != 0)))
            {
                if (unreadDrops >= MostUnread || !ControlChannel.TrySend(process!.Files!, new(ControlKind.DropBuffer, id)))
                {
                    removals = -1;   // the rest with a later call, when it has read these
                    return;
                }
                unreadDrops++;
                handedOver.Remove(id);
            }
        }
    }

    private void HandOver(PythonMemory memory)
    {
        lock (gate)
        {
            if (!handedOver.Add(memory.Id))
                return;
            unreadDrops = 0;   // it reads up to here
            if (ControlChannel.TrySend(process!.Files!, new(ControlKind.Buffer, memory.Id, memory.Length), memory.File))
                return;
            GiveUp();
        }
    }

    private void HandOverStacks()
    {
        if (settings.Options.Evidence is not { Stacks: true })
            return;
        try
        {
            stacks = new();
        }
        catch (Win32Exception)
        {
            return;   // there is no memory for it: a timeout then tells less
        }
        if (!ControlChannel.TrySend(process!.Files!, new(ControlKind.Stacks, StackReport.Signal), stacks.File))
            GiveUp();
    }

    private void HandOver(CallObjects named)
    {
        ObjectLink? link;
        lock (gate)
        {
            if (objects is null && named.Named.Count > 0)
            {
                objects = ObjectLink.TryOpen(settings, process!, worker, Lend);
                if (objects is null)
                    GiveUp();
            }
            link = objects;
        }
        named.Link = link;
        if (link is null)
            return;
        foreach (HostObject item in named.Named)
            link.Hand(item);
    }

    private void Lend(int id, long length, SafeFileHandle file)
    {
        lock (gate)
        {
            unreadDrops = 0;
            if (!ControlChannel.TrySend(process!.Files!, new(ControlKind.Buffer, id, length), file))
                GiveUp();
        }
    }

    /// <summary>It has closed its end, or stopped reading: it is of no use, and the call, which it cannot begin, runs elsewhere.</summary>
    private void GiveUp()
    {
        PythonEvents.TakesNoMemory(settings.Log, process!.Id);
        process.Kill();
    }
}
