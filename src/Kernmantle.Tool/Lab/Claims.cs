namespace Kernmantle.Tool.Lab;

/// <summary>A claim of the note that this repository implements.</summary>
/// <param name="Experiments">Those that say something about it.</param>
internal sealed record Claim(string Id, string Statement, params IReadOnlyList<string> Experiments);

/// <summary>All claims, in the note's order and in our words.</summary>
internal static class Claims
{
    public static readonly IReadOnlyList<Claim> All =
    [
        new("N1", "A process is a running program, and what the system gives resources to.", "memory"),
        new("N2", "Each process has processor time and an address space of its own.", "memory"),
        new("N3", "Code, data, stack and heap of a process are its own, all four.", "memory"),
        new("N4", "Every process has a main thread, at least.", "memory"),
        new("N5", "Processes talk through pipes, files and sockets, and pay for it with context switches.", "ipc", "switch"),
        new("N6", "A thread is one flow of execution in a process and uses what the process has.", "memory"),
        new("N7", "A thread has its own stack; code, data and heap it shares.", "memory"),
        new("N8", "What one thread does reaches the others: without synchronisation results go wrong.", "race"),
        new("N9", "Several threads in one program take less of the system than several processes.", "start", "scale"),
        new("N10", "Threads talk cheaply, but: hard to debug, little gain on one core, deadlocks, and one failure concerns the whole process.", "ipc", "race", "single", "deadlock", "failure"),
        new("N11", "One program can spread its work over several processes.", "scale"),
        new("N12", "A failure stays in its process, and a process can be killed.", "failure"),
        new("N13", "Several processes cost more: caches change, communication is complicated, contexts are switched.", "cache", "ipc", "switch"),
        new("N14", "The GIL is a mutex: one thread at a time gets at the interpreter's objects.", "gil"),
        new("N15", "It is there because the interpreter's memory management (reference counts) is not thread-safe without it.", "race"),
        new("N16", "One thread alone is fast enough in spite of it.", "single"),
        new("N17", "Since there are processes, it is no great limit.", "gil"),
        new("N18", "Parallel work is done with multiprocessing and asyncio.", "gil"),
        new("N19", "For threads that really run at once there are Jython, IronPython and Stackless Python.", "gil"),
        new("N20", "A program reports through its log.", "join"),
        new("N21", "A child thread finishes its work before the program ends.", "join"),
        new("N22", "join waits for the child's end.", "join"),
        new("N23", "Arguments are handed to the thread that is started.", "join"),
    ];
}
