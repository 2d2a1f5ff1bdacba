"""A thread that gets an argument, reports through the log, and is waited for."""
import logging
import threading
import time


def work(name):
    logging.info("Sub-Thread: %s: starting", name)
    time.sleep(3)
    logging.info("Sub-Thread: %s: finishing", name)


def main():
    logging.basicConfig(format="%(asctime)s: %(message)s", level=logging.INFO, datefmt="%H:%M:%S")
    logging.info("Main-Thread: before creating thread")
    first = threading.Thread(target=work, args=("First",))
    logging.info("Main-Thread: before running thread")
    first.start()
    first.join()
    logging.info("Main-Thread: wait for the thread to finish")
    logging.info("Main-Thread: all done")


if __name__ == "__main__":
    main()
