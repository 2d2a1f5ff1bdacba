// The program itself says whether its worker was another process; the script publishes it in several forms.
using Kernmantle;

await using WorkerPool pool = WorkerPool.Processes(1);
Answer answer = await pool.RunAsync(static name => new Answer(Environment.ProcessId, name, [1, 2, 3]), "published");
Console.WriteLine(answer.Process == Environment.ProcessId ? "the same process" : $"another process: {answer.Name}, {answer.Numbers.Length} numbers");
return answer.Process != Environment.ProcessId && answer is { Name: "published", Numbers: [1, 2, 3] } ? 0 : 1;

internal sealed record Answer(int Process, string Name, int[] Numbers);
